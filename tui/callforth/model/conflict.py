"""Conflicts of interest that can be seen without asking: the same person, organisation, or e-mail domain."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import NamedTuple

from callforth.model import person
from callforth.model.team import Member
from callforth.model.text import clean_line, fold

DECLARED, PERSON, ORGANISATION, DOMAIN = "declared", "person", "organisation", "domain"
SAYS = {
    DECLARED: "has said that they should not judge it",
    PERSON: "is who applied",
    ORGANISATION: "is of the same organisation",
    DOMAIN: "has an e-mail address of the same domain",
}
"""What each kind of conflict says of the reviewer."""

_WORD = re.compile(r"\w+")

# Domains where anybody can have an address, so that two in one of them have nothing else in common: of what
# https://github.com/willwhite/freemail (data/free.txt) lists, the ones in wide use in Europe and beyond, with newer
# providers (Proton, Tuta, Posteo …) and what large providers of access give their customers. Employers and universities
# that stand there are left out.
_EVERYWHERE = ("yahoo", "hotmail", "live", "outlook", "gmx")  # in each country
_LISTED = """
    gmail.com googlemail.com icloud.com me.com mac.com msn.com windowslive.com passport.com ymail.com rocketmail.com
    aol.com aol.co.uk aim.com mail.com email.com usa.com usa.net europe.com consultant.com engineer.com post.com
    proton.me protonmail.com protonmail.ch pm.me tuta.com tuta.io tutanota.com tutanota.de tutamail.com keemail.me
    posteo.de posteo.net posteo.eu posteo.org mailbox.org disroot.org riseup.net
    autistici.org inventati.org systemli.org
    fastmail.com fastmail.fm hey.com hush.com hushmail.com runbox.com zoho.com zohomail.eu startmail.com mailfence.com
    duck.com simplelogin.com openmailbox.org lavabit.com inbox.com juno.com netzero.net earthlink.net mindspring.com
    web.de email.de freenet.de t-online.de arcor.de online.de alice-dsl.net vodafone.de kabelmail.de 1und1.de
    chello.at a1.net aon.at inode.at bluewin.ch hispeed.ch sunrise.ch bluemail.ch swissonline.ch
    free.fr orange.fr wanadoo.fr laposte.net sfr.fr neuf.fr club-internet.fr bbox.fr numericable.fr caramail.com
    telenet.be skynet.be proximus.be scarlet.be ziggo.nl kpnmail.nl planet.nl hetnet.nl xs4all.nl home.nl casema.nl
    chello.nl upcmail.nl quicknet.nl tele2.nl zonnet.nl wxs.nl pt.lu
    libero.it virgilio.it tiscali.it alice.it tin.it tim.it iol.it inwind.it email.it fastwebnet.it aruba.it
    terra.es telefonica.net ono.com wanadoo.es euskalnet.net sapo.pt iol.pt clix.pt netcabo.pt portugalmail.pt mail.pt
    btinternet.com btopenworld.com talktalk.net virginmedia.com virgin.net ntlworld.com blueyonder.co.uk sky.com
    tiscali.co.uk plus.com o2.co.uk talk21.com eircom.net iol.ie
    telia.com tele2.se comhem.se bredband.net spray.se home.se swipnet.se passagen.se online.no broadpark.no c2i.net
    getmail.no lyse.net mail.dk tdcadsl.dk stofanet.dk jubii.dk sol.dk welho.com kolumbus.fi luukku.com suomi24.fi
    elisanet.fi saunalahti.fi pp.inet.fi simnet.is hot.ee mail.ee online.ee inbox.lv apollo.lv one.lt takas.lt inbox.lt
    wp.pl o2.pl onet.pl onet.eu op.pl vp.pl poczta.fm poczta.onet.pl interia.pl interia.eu gazeta.pl tlen.pl
    seznam.cz email.cz centrum.cz post.cz volny.cz atlas.cz azet.sk centrum.sk post.sk zoznam.sk pobox.sk
    freemail.hu citromail.hu indamail.hu t-online.hu upcmail.hu abv.bg mail.bg dir.bg t-com.me net.hr inet.hr
    siol.net amis.net telemach.net eunet.rs ptt.rs sbb.rs otenet.gr forthnet.gr mail.gr in.gr cytanet.com.cy
    yandex.com yandex.ru ya.ru mail.ru inbox.ru list.ru bk.ru rambler.ru internet.ru ukr.net i.ua bigmir.net meta.ua
    tut.by mail.by mynet.com walla.co.il walla.com
    comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net optonline.net roadrunner.com
    frontier.com windstream.net shaw.ca rogers.com sympatico.ca bell.net videotron.ca telus.net
    uol.com.br bol.com.br terra.com.br ig.com.br bigpond.com bigpond.net.au optusnet.com.au iinet.net.au xtra.co.nz
    qq.com 163.com 126.com sina.com sohu.com naver.com hanmail.net daum.net rediffmail.com
    example.com example.net example.org
"""
_PUBLIC = frozenset(_LISTED.split())
# Nobody's: RFC 2606, where example.com and its like are from as well.
_NOBODYS = ("example", "test", "invalid", "localhost")


class Signs(NamedTuple):
    """What tells where somebody belongs, folded: address, organisation, domain; '' where that is public or unknown."""

    address: str
    organisation: str
    domain: str


def of_member(member: Member) -> Signs:
    """Return the signs of a member of the team."""
    return _signs(member.email, member.organisation)


def of_applicant(application: person.Applied) -> Signs:
    """Return the signs of who applied."""
    return _signs(person.email(application), person.organisation(application))


def between(one: Signs, other: Signs) -> str:
    """Return the kind of conflict between two, '' where there is none to be seen."""
    if one.address and one.address == other.address:
        return PERSON
    if one.organisation and one.organisation == other.organisation:
        return ORGANISATION
    if not one.domain or not other.domain:
        return ""
    # A department's domain lies below its house's.
    same = (
        one.domain == other.domain,
        one.domain.endswith(f".{other.domain}"),
        other.domain.endswith(f".{one.domain}"),
    )
    return DOMAIN if any(same) else ""


def is_public(domain: str) -> bool:
    """Tell whether an address in this domain (lower case) says nothing about where somebody belongs."""
    name, _, rest = domain.partition(".")
    # yahoo.fr, yahoo.co.uk, yahoo.com.br; not yahoo.somewhere.org
    country = rest.rpartition(".")[2] if rest.rpartition(".")[0] in ("", "co", "com") else ""
    return (
        domain in _PUBLIC
        or (name in _EVERYWHERE and (rest in ("com", "net") or len(country) == 2))
        or domain.rpartition(".")[2] in _NOBODYS
    )


def _signs(address: str, organisation: str) -> Signs:
    address = clean_line(address).casefold()
    domain = address.rpartition("@")[2].strip(" <>.") if "@" in address else ""
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    known = "." in domain and not is_public(domain)
    return Signs(address, " ".join(_WORD.findall(fold(clean_line(organisation)))), domain if known else "")
