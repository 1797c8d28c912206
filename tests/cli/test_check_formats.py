"""How findings are written for forges: nothing in them is taken for a command, and the same one is known again."""

from dataclasses import replace

from callforth.cli.check_formats import github, gitlab
from callforth.model.finding import Finding

ONE = Finding("review-file", "off the scale", "give 1 to 5", "a" * 40, "meetings/m/reviews/k7m2qx/hedda.md", 6)


def test_a_line_of_a_file_is_annotated_and_what_has_none_is_told_of_the_application():
    assert github([ONE]) == [
        "::error file=meetings/m/reviews/k7m2qx/hedda.md,line=6,title=review-file::"
        "off the scale; give 1 to 5 (commit aaaaaaaaaaaa)"
    ]
    note = Finding("author", "said to be of another", "ask", meeting="m", application="k7m2qx", grave=False)
    assert github([note]) == ["::notice title=author::k7m2qx: said to be of another; ask"]


def test_whatever_a_finding_says_it_is_one_command():
    [line] = github([replace(ONE, path="a\n::stop-commands::x,line=1", says="100%\r\n::add-mask::b")])
    assert line == (
        "::error file=a%0A%3A%3Astop-commands%3A%3Ax%2Cline=1,line=6,title=review-file::"
        "100%25%0D%0A::add-mask::b; give 1 to 5 (commit aaaaaaaaaaaa)"
    )


def test_a_fingerprint_stays_with_the_finding_whatever_the_commit_and_the_line_and_is_there_once():
    def prints(*found):
        return [one["fingerprint"] for one in gitlab(found)]

    [first] = prints(ONE)
    assert prints(replace(ONE, commit="b" * 40, line=9)) == [first]
    assert len({first, *prints(ONE, replace(ONE, rule="template"), replace(ONE, says="else"), ONE)}) == 4


def test_what_has_no_file_lies_where_it_is_about():
    there = [Finding("seats", "s", "r", application="k7m2qx", meeting="m"), Finding("role", "s", "r", grave=False)]
    assert [(one["location"]["path"], one["severity"]) for one in gitlab(there)] == [
        ("applications/m/k7m2qx.md", "major"),
        ("callforth.toml", "info"),
    ]
