"""How forms ask for the usual: who somebody is, and when they sent it, in the languages of those who make forms."""

from __future__ import annotations

import re
from collections.abc import Mapping

from callforth.model.text import clean_line, fold

RECEIVED = "received"
# In front of a heading: `1. `, `Q3 - `, `(2) `, `a) `; behind it: `(required)`.
_NUMBER = re.compile(
    r"^[\s*]*(?:\(\d{1,3}\)\s*|(?:(?:q|question|frage|fraga)\s?)?\d{1,3}(?:[.):]+(?:\s+|(?=[^\W\d]))|\s+[-–—]\s+)"
    r"|q\s?\d{1,3}\s+|[a-z][.)]\s+)"
)
_REQUIRED = re.compile(
    r"[\[(](?:required|mandatory|optional|pflichtfeld|pflicht|obligatoire|facultatif|obligatorio|obrigatorio|"
    r"obbligatorio|verplicht|obligatorisk[at]?|wymagane|povinne)[\])]\s*$"
)
_PART = re.compile(r"\s*(?::|\s[-–—>|/]|\[)\s*")
_USUAL = {
    "name": "name;full name;your name;your full name;first and last name;first name and last name;name and surname;"
    "first name and surname;name surname;name of applicant;applicant;participant name;participant;name of participant;"
    "vor- und nachname;vorname und nachname;vorname, name;ihr name;nom;nom complet;nom et prénom;prénom et nom;"
    "nom, prénom;votre nom;nombre;nombre completo;nombre y apellidos;nombre y apellido;su nombre;nome;nome e cognome;"
    "cognome e nome;nome completo;nome e apelido;naam;uw naam;volledige naam;voor- en achternaam;namn;ditt namn;"
    "för- och efternamn;navn;dit navn;ditt navn;fulde navn;fullt navn;for- og efternavn;for- og etternavn;nimi;"
    "etu- ja sukunimi;etunimi ja sukunimi;nimesi;imię i nazwisko;jméno;jméno a příjmení;meno;meno a priezvisko;név;"
    "teljes név;neve;az ön neve;nume;numele;nume și prenume;prenume și nume;nume complet;όνομα;ονοματεπώνυμο;"
    "όνομα και επώνυμο;ime;ime i prezime;ime in priimek;vaše ime;име;име и фамилия;имена;име и презиме;имя;"
    "имя и фамилия;фамилия и имя;фио;ф.и.о.;ваше имя;ім’я;ім’я та прізвище;прізвище та ім’я;піб;ваше ім’я;"
    "vardas ir pavardė;vardas, pavardė;vārds, uzvārds;vārds un uzvārds;ees- ja perekonnanimi;ees- ja perenimi;"
    "ad soyad;adı soyadı;ad ve soyad;adınız;adınız soyadınız;isim;isim soyisim;الاسم;الاسم الكامل;اسمك;"
    "emri;emri dhe mbiemri;სახელი და გვარი;անուն ազգանուն;nafn;fullt nafn;isem u kunjom;ainm",
    "email": "email;e-mail;email address;e-mail address;your email;your e-mail;your email address;"
    "your e-mail address;contact email;mail;e-mail-adresse;e-mailadresse;ihre e-mail;ihre e-mail-adresse;mailadresse;"
    "adresse e-mail;adresse email;adresse mail;adresse électronique;adresse de courriel;courriel;votre e-mail;"
    "votre adresse e-mail;correo electrónico;correo;dirección de correo electrónico;dirección de correo;"
    "posta elettronica;indirizzo e-mail;indirizzo email;indirizzo di posta elettronica;correio eletrónico;"
    "correio eletrônico;endereço de e-mail;endereço eletrónico;e-mailadres;uw e-mailadres;e-postadress;e-post;"
    "din e-post;din e-postadress;din e-mail;e-postadresse;din e-postadresse;sähköposti;sähköpostiosoite;adres e-mail;"
    "adres email;adres poczty elektronicznej;e-mailová adresa;emailová adresa;váš e-mail;e-mail-cím;e-mail cím;"
    "email cím;adresă de e-mail;adresa de e-mail;adresă email;ηλεκτρονική διεύθυνση;"
    "διεύθυνση ηλεκτρονικού ταχυδρομείου;"
    "ηλεκτρονικό ταχυδρομείο;διεύθυνση email;e-pošta;e-mail adresa;e-poštni naslov;elektronska pošta;имейл;имейл адрес;"
    "електронна поща;е-поща;електронна пошта;електронна адреса;адреса електронної пошти;електронная почта;"
    "электронная почта;адрес электронной почты;эл. почта;е-пошта;el. paštas;el. pašto adresas;elektroninis paštas;"
    "e-pasts;e-pasta adrese;e-posti aadress;e-posta;e-posta adresi;e-posta adresiniz;eposta;e-adresa;"
    "adreça electrònica;adresse de messagerie;البريد الإلكتروني;"
    "بريد إلكتروني;عنوان البريد الإلكتروني;ელფოსტა;ელ-ფოსტა;netfang;tölvupóstur;indirizz elettroniku;ríomhphost",
    "organisation": "organisation;organization;your organisation;your organization;organisation or group;"
    "organisation name;organization name;name of organisation;name of organization;name of your organisation;"
    "name of your organization;name of the organisation;name of the organization;organisation / institution;"
    "organisation/institution;institution;affiliation;company;employer;ihre organisation;name der organisation;"
    "einrichtung;verein;organisationen;votre organisation;nom de l’organisation;nom de votre organisation;organisme;"
    "association;structure;organización;su organización;nombre de la organización;entidad;organizzazione;ente;"
    "nome dell’organizzazione;organização;nome da organização;entidade;organisatie;uw organisatie;"
    "naam van de organisatie;naam organisatie;din organisation;organisationens namn;organisasjon;din organisasjon;"
    "organisaatio;organisaation nimi;organizacja;nazwa organizacji;instytucja;organizace;název organizace;instituce;"
    "organizácia;názov organizácie;szervezet;szervezet neve;intézmény;organizație;organizația;numele organizației;"
    "instituția;εταιρεία;οργανισμός;οργάνωση;φορέας;όνομα οργανισμού;organizacija;naziv organizacije;"
    "naziv ustanove;ime organizacije;организация;име на организацията;институция;название организации;організація;"
    "назва організації;установа;organizacijos pavadinimas;organizācija;organizācijas nosaukums;organisatsioon;"
    "organisatsiooni nimi;asutus;kurum;kuruluş;kurum adı;kuruluş adı;örgüt;المنظمة;المؤسسة;اسم المنظمة;اسم المؤسسة;"
    "organizata;ორგანიზაცია;stofnun;organizzazzjoni;eagraíocht",
    "role": "role;your role;function;position;job title;profession;title;funktion;rolle;ihre funktion;fonction;"
    "votre fonction;función;cargo;ruolo;ruolo e funzione;função;functie;rol;roll;din roll;stilling;tehtävä;rooli;"
    "stanowisko;funkcja;funkce;pozice;funkcia;beosztás;funcție;funcția;ρόλος;θέση;funkcija;uloga;роля;длъжност;"
    "должность;роль;посада;pareigos;amats;amet;roll organisatsioonis;görev;unvan;göreviniz;الوظيفة;المنصب",
    "country": "country;your country;country of residence;country of work;country you work in;"
    "the country you work in;in which country do you work;country where you work;country / region;country/region;land;"
    "ihr land;wohnsitzland;land des wohnsitzes;in welchem land arbeiten sie;pays;votre pays;pays de résidence;país;"
    "su país;país de residencia;paese;paese di residenza;il tuo paese;país de residência;land waar u werkt;"
    "uw land;ditt land;vilket land;dit land;bopælsland;bostedsland;maa;asuinmaa;kraj;kraj zamieszkania;země;"
    "země pobytu;krajina;krajina pobytu;štát;ország;lakóhely szerinti ország;țara;țară;țara de reședință;χώρα;"
    "χώρα διαμονής;zemlja;država;država prebivališča;zemlja prebivališta;страна;държава;страна проживания;држава;"
    "країна;країна проживання;šalis;gyvenamoji šalis;valsts;dzīvesvietas valsts;riik;elukohariik;ülke;ülkeniz;"
    "yaşadığınız ülke;البلد;بلد الإقامة;الدولة;shteti;vendi;ქვეყანა;երկիր;pajjiż;tír",
    RECEIVED: "timestamp;submitted;submitted at;submitted on;submission date;submission time;submission date and time;"
    "registration date;registration time;registered;registered at;registered on;"
    "submit date;submit time;date submitted;date of submission;entry date;response date;created;created at;created on;"
    "date created;completion time;completed at;completed on;received;received at;received on;date and time;horodateur;"
    "date d’envoi;date de soumission;date de réponse;soumis le;zeitstempel;eingegangen;eingegangen am;eingang;"
    "gesendet am;übermittelt am;datum der einreichung;absendedatum;marca temporal;fecha de envío;enviado el;"
    "informazioni cronologiche;data di invio;inviato il;carimbo de data hora;data de envio;enviado em;tijdstempel;"
    "ingediend op;datum van inzending;tidsstämpel;tidstämpel;tidsstempel;tidsmerke;inskickat;skickat;inkom;sendt;"
    "indsendt;innsendt;aikaleima;lähetetty;sygnatura czasowa;data przesłania;data wysłania;časová značka;odesláno;"
    "datum odeslání;časová pečiatka;odoslané;időbélyeg;beküldve;beküldés ideje;marcaj de timp;data trimiterii;"
    "χρονική σήμανση;ημερομηνία υποβολής;vremenska oznaka;vrijeme slanja;poslano;časovni žig;клеймо за време;"
    "дата на подаване;изпратено на;отметка времени;дата отправки;позначка часу;дата надсилання;дата подання;laiko žyma;"
    "pateikimo data;laikspiedols;iesniegšanas datums;ajatempel;esitatud;zaman damgası;gönderim tarihi;"
    "gönderilme tarihi;الطابع الزمني;تاريخ الإرسال;وقت الإرسال;"
    "времева марка;marca de temps;tímastimpill",
}
# A name in two columns: what is given, and what is the family's.
_GIVEN = (
    "first name;firstname;given name;given name(s);first names;first name(s);forename;forenames;your first name;"
    "vorname;prénom;prénoms;prénom(s);nombre;nombres;nome;nome próprio;voornaam;förnamn;fornavn;etunimi;imię;jméno;"
    "křestní jméno;meno;krstné meno;keresztnév;utónév;prenume;prenumele;όνομα;ad;adı;adınız;isim;vardas;vārds;"
    "eesnimi;ime;име;имя;ім’я;الاسم الأول;الاسم;emri;სახელი;անուն;isem"
)
_FAMILY = (
    "last name;lastname;surname;family name;second name;last names;last name(s);surname(s);your last name;your surname;"
    "nachname;familienname;zuname;nom;nom de famille;apellido;apellidos;apellido(s);cognome;sobrenome;apelido;apelidos;"
    "achternaam;familienaam;efternamn;efternavn;etternavn;sukunimi;nazwisko;příjmení;priezvisko;vezetéknév;családnév;"
    "nume;nume de familie;numele;numele de familie;επώνυμο;επίθετο;soyad;soyadı;soyadınız;soyisim;pavardė;uzvārds;"
    "perekonnanimi;perenimi;prezime;priimek;фамилия;презиме;прізвище;اسم العائلة;اللقب;الكنية;mbiemri;გვარი;"
    "ազգանուն;kunjom"
)
# The whole name, but the family's where the given name alone stands in another column: `Name`, `Vorname`.
_OR_FAMILY = "name;naam"
# Headings of a part of the form that is about who fills it in; in another (`Referee: Name`) somebody else is meant.
_ABOUT = (
    "about you;about yourself;about the applicant;you;applicant;the applicant;applicant details;"
    "applicant information;participant;participant details;contact;contact details;contact information;contact info;"
    "your contact details;your contact information;your details;your information;personal details;personal data;"
    "personal information;general information;basic information;person;zu ihrer person;zur person;über sie;"
    "angaben zur person;persönliche angaben;persönliche daten;kontakt;kontaktdaten;ihre angaben;à propos de vous;"
    "vous;vos coordonnées;coordonnées;informations personnelles;données personnelles;sobre usted;sobre ti;"
    "datos personales;datos de contacto;su di lei;su di te;dati personali;dati di contatto;sobre si;sobre você;"
    "dados pessoais;contactos;over u;over jou;uw gegevens;persoonlijke gegevens;contactgegevens;om dig;dina uppgifter;"
    "kontaktuppgifter;personuppgifter;om deg;kontaktoplysninger;kontaktopplysninger;dine oplysninger;tietoja sinusta;"
    "yhteystiedot;henkilötiedot;o tobie;dane osobowe;dane kontaktowe;o vás;o vás osobně;osobní údaje;kontaktní údaje;"
    "osobné údaje;kontaktné údaje;önről;személyes adatok;kapcsolattartási adatok;despre dumneavoastră;despre tine;"
    "date personale;date de contact;για εσάς;προσωπικά στοιχεία;στοιχεία επικοινωνίας;o vama;o vas;osobni podaci;"
    "kontakt podaci;osebni podatki;за вас;лични данни;данни за контакт;о вас;о себе;личные данные;контактные данные;"
    "про вас;особисті дані;контактні дані;apie jus;asmens duomenys;kontaktiniai duomenys;par jums;personas dati;"
    "kontaktinformācija;teie kohta;isikuandmed;kontaktandmed;sizin hakkınızda;hakkınızda;kişisel bilgiler;"
    "iletişim bilgileri;عنك;معلومات شخصية;البيانات الشخصية;معلومات الاتصال"
)


def words(text: str) -> str:
    """Return a heading as headings are compared: folded, without marks, numbers in front, and 'required' signs."""
    bare = _REQUIRED.sub("", _NUMBER.sub("", fold(clean_line(text)).replace("ı", "i")))
    return " ".join(re.findall(r"[^\W_]+(?:-[^\W_]+)*", bare))


def _listed(said: str) -> frozenset[str]:
    return frozenset(words(word) for word in said.split(";"))


GIVEN, FAMILY, OR_FAMILY, _PARTS = (_listed(said) for said in (_GIVEN, _FAMILY, _OR_FAMILY, _ABOUT))
_MEANS = {words(word): field for field, said in _USUAL.items() for word in said.split(";")}


def readings(text: str) -> tuple[str, ...]:
    """Return what a heading may be read as: whole, and without the part of the form before it (`About you: Name`)."""
    whole = words(text)
    before, *rest = _PART.split(clean_line(text), maxsplit=1)
    return (whole, words(rest[0])) if rest and words(before) in _PARTS else (whole,)


def last_part(text: str) -> str:
    """Return what stands behind the last colon or bracket of a heading, as headings are compared; '' without one."""
    parts = _PART.split(clean_line(text))
    return words(parts[-1]) if len(parts) > 1 else ""


def usual(label: str) -> str:
    """Return the field that a heading (in `words`) asks for: `name`, `country` …, or `received`; '' for others."""
    return _MEANS.get(label, "")


def two_names(labels: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the keys of the headings (in `words`) that ask for the given and the family's name; None without both."""
    given = [key for key, label in labels.items() if label in GIVEN - FAMILY] or [
        key for key, label in labels.items() if label in GIVEN
    ]
    others = {key: label for key, label in labels.items() if key not in given[:1]}
    family = [key for key, label in others.items() if label in FAMILY] or [
        key for key, label in others.items() if label in OR_FAMILY
    ]
    return (given[0], family[0]) if given and family else None


def only_family(labels: Mapping[str, str]) -> set[str]:
    """Return the keys of the headings, all of names, that ask for the family's: they stand behind the given ones."""
    surely = {key for key, label in labels.items() if label in FAMILY - GIVEN}
    if surely or not any(label in GIVEN for label in labels.values()):
        return surely
    return {key for key, label in labels.items() if label in OR_FAMILY}
