"""The commands that end by themselves: what they print, their exit statuses, and that each error names its way out."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from gateway.cli import main
from gateway.cli.commands import COMMANDS
from gateway.mm7.limits import MAX_BODY
from tests.integration.running import (
    HANDSET,
    NEWEST,
    PICTURE,
    SHORT_CODE,
    House,
    deliver,
    eventually,
    fault,
    plain,
    related,
    report,
    reset,
    said,
    status,
    xml,
)

ADDRESSED = ("--to", HANDSET, "--from", SHORT_CODE)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Exit status, what was printed, and what was complained about."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = int(ended.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


async def beside(run: Run, *arguments: str | Path) -> tuple[int, str, str]:
    """A command in a thread, while the peers that it talks to live here."""
    return await asyncio.to_thread(run, *arguments)


# --- all of them


@pytest.mark.parametrize(
    "words",
    [
        ["serve"],
        ["demo"],
        ["send"],
        ["explain"],
        ["simulate"],
        ["simulate", "mmsc"],
        ["config"],
        ["config", "check"],
        ["wsdl"],
    ],
    ids=" ".join,
)
def test_every_command_has_help_with_an_example(run: Run, words: list[str]) -> None:
    code, out, _ = run(*words, "--help")
    assert code == 0
    assert "example:\n" in out
    assert f"  mm7 {words[0]}" in out.partition("example:")[2]


def test_help_lists_the_commands_and_a_wrong_one_is_2(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert len(COMMANDS) == 7
    for name in ("serve", "demo", "send", "explain", "simulate", "config", "wsdl"):
        assert name in out
    assert run("fly")[0] == 2
    assert run()[0] == 2
    assert run("--version")[1].startswith("mm7 ")


# --- send


def settings(house: House) -> Path:
    return house.folder / "gateway.toml"


@pytest.mark.requirement("C-01", "M-01")
async def test_send_to_a_url_prints_the_message_id(house: House, run: Run, tmp_path: Path) -> None:
    (tmp_path / "sea.png").write_bytes(PICTURE)
    (tmp_path / "secret").write_text("geheim\n")
    message = ("--text", "Hello", "--file", "sea.png", "--subject", "Sea")
    who = ("--vaspid", "me", "--vasid", "svc", "--username", "u", "--password-file", "secret")
    code, out, err = await beside(run, "send", *ADDRESSED, *message, "--url", house.carrier.url, *who)
    assert (code, err) == (0, "")
    assert "MessageID      acme-1" in out
    (submit,) = house.carrier.submits
    texts = submit.texts
    assert (texts["VASPID"], texts["VASID"], texts["Subject"]) == ("me", "svc", "Sea")
    assert submit.headers["Authorization"].startswith("Basic ")
    _, smil, picture, text = submit.parts
    assert (smil[0], picture[1], text[1]) == ("application/smil", PICTURE, b"Hello")
    assert f"TransactionID  {texts['TransactionID']}" in out
    assert house.stored() == {}


@pytest.mark.requirement("M-04")
@pytest.mark.parametrize(
    ("options", "namespace", "version"),
    [
        (["--version", "5.3.0"], "REL-5-MM7-1-0", "5.3.0"),
        (["--namespace", "REL-6-MM7-1-1"], "REL-6-MM7-1-1", "6.4.0"),
        (["--namespace", "REL-6-MM7-1-4", "--version", "6.3.0"], "REL-6-MM7-1-4", "6.3.0"),
        (["--profile", "3gpp-5.6.0"], "REL-5-MM7-1-3", "5.6.0"),
        ([], "REL-6-MM7-1-4", "6.8.0"),
    ],
)
async def test_send_speaks_the_version_that_was_asked_for(
    house: House, run: Run, options: list[str], namespace: str, version: str
) -> None:
    code, _, err = await beside(run, "send", *ADDRESSED, "--text", "Hi", "--url", house.carrier.url, *options)
    assert code == 0, err
    texts = house.carrier.submits[0].texts
    assert (texts["namespace"].rpartition("/")[2], texts["MM7Version"]) == (namespace, version)


async def test_send_prints_json_for_programs(house: House, run: Run) -> None:
    _, out, _ = await beside(run, "send", *ADDRESSED, "--text", "Hi", "--url", house.carrier.url, "--json")
    printed = json.loads(out)
    assert (printed["accepted"], printed["message_id"], printed["status_code"]) == (True, "acme-1", 1000)
    assert printed["transaction_id"] == house.carrier.submits[0].texts["TransactionID"]
    house.carrier.script.append(xml(lambda tid: fault(2002, tid), 500))
    code, out, _ = await beside(run, "send", *ADDRESSED, "--text", "Hi", "--url", house.carrier.url, "--json")
    printed = json.loads(out)
    assert (code, printed["accepted"], printed["status_code"]) == (1, False, 2002)
    assert printed["reason"] == '2002 Address Error: "Said so"'


async def test_send_says_in_one_line_why_it_was_not_accepted(house: House, run: Run) -> None:
    answers = {
        "refused: 2002": xml(lambda tid: fault(2002, tid), 500),
        "not accepted yet: HTTP 503": plain(503, b"later"),
        "in doubt, the carrier may have it": plain(200),
        "in doubt, the carrier may have it: no answer": reset,
        "partial": xml(lambda tid: status("SubmitRsp", 1100, tid, text="partial")),
    }
    for why, answer in answers.items():
        house.carrier.script.append(answer)
        code, out, err = await beside(run, "send", *ADDRESSED, "--text", "Hi", "--url", house.carrier.url)
        assert code == (0 if why == "partial" else 1)
        assert why in (out if why == "partial" else err)
        assert len(err.splitlines()) == (0 if why == "partial" else 1)


@pytest.mark.parametrize(
    ("options", "way_out"),
    [
        (["--url", "http://127.0.0.1:9/mm7"], "--text, --file"),
        (["--url", "http://127.0.0.1:9/mm7", "--text", "Hi"], "not connected"),
        (["--url", "http://127.0.0.1:9/mm7", "--file", "absent.jpg"], "absent.jpg: No such file"),
        (["--url", "http://127.0.0.1:9/mm7", "--file", "notes.doc"], "known are"),
        (["--url", "http://127.0.0.1:9/", "--text", "Hi", "--version", "9.9.9"], "6.8.0"),
        (["--url", "http://127.0.0.1:9/", "--text", "Hi", "--namespace", "REL-9"], "REL-6-MM7-1-4"),
        (["--url", "http://127.0.0.1:9/", "--text", "Hi", "--profile", "3gpp"], "did you mean"),
        (["--url", "http://127.0.0.1:9/", "--text", "Hi", "--profile", "absent.toml"], "'absent.toml': No such file"),
        (["--url", "http://127.0.0.1:9/", "--text", "Hi", "--profile", "latin.toml"], "'latin.toml' is not UTF-8 text"),
        (
            ["--url", "http://127.0.0.1:9/", "--text", "Hi", "--username", "u", "--password-file", "absent"],
            "'absent': No such file",
        ),
        (
            ["--url", "http://127.0.0.1:9/", "--text", "Hi", "--username", "u", "--password-file", "latin.toml"],
            "is not UTF-8 text",
        ),
        (
            ["--url", "http://127.0.0.1:9/", "--text", "Hi", "--username", "u", "--password-file", "empty.txt"],
            "one line of printable text",
        ),
        (["--url", "http://u:geheim@127.0.0.1:9/", "--text", "Hi"], "--url: credentials don't stand in a URL"),
        (["--url", "", "--text", "Hi"], "--url: give a URL with http or https"),
        (["--url", "nonsense", "--text", "Hi"], "--url: give a URL with http or https"),
        (["--url", "http://127.0.0.1:9/", "--file", "empty.txt"], "empty.txt: is empty"),
        (["--url", "http://127.0.0.1:9/", "--file", "large.mp4"], "large.mp4: is larger than 10485760 bytes"),
        (["--url", "http://127.0.0.1:9/", "--file", "half.mp4", "--file", "half.mp4"], "10485760 are the most"),
        (["--file", "half.mp4", "--file", "half.mp4"], "10485760 are the most"),
        (["--url", "http://127.0.0.1:9/", "--text", "Hi\udcff"], "--text: is not text"),
        (["--url", "http://127.0.0.1:9/", "--text", "Hi", "--subject", "Hi\udcff"], "--subject: is not text"),
        (["--url", "http://127.0.0.1:9/", "--text", "Hi", "--from", "2\udcff"], "--from '2\\udcff': give a short code"),
        (["--url", "http://127.0.0.1:9/", "--text", "Hi", "--from", ""], "--from '': give a short code"),
        (["--url", "http://127.0.0.1:9/", "--text", "Hi", "--from", "x y<z>"], "--from 'x y<z>': give a short code"),
        (["--url", "http://127.0.0.1:9/", "--text", "Hi", "--to", "a b@<x>&"], "--to 'a b@<x>&': give a number"),
        (["--url", "http://127.0.0.1:9/", "--text", "Hi", "--to", "Bob"], "--to 'Bob': give a number"),
        (["--text", "Hi", "--carrier", "nobody"], "or give --url"),
        (["--text", "Hi", "--account", "nobody"], "there are: none"),
        (["--text", "Hi"], "no route leads to the recipient"),
        (["--text", "Hi", "--config", "absent.toml"], "absent.toml"),
    ],
)
def test_send_names_the_way_out(run: Run, tmp_path: Path, options: list[str], way_out: str) -> None:
    (tmp_path / "latin.toml").write_bytes(b"gr\xfcn")
    (tmp_path / "empty.txt").touch()
    for name, size in (("large.mp4", MAX_BODY + 1), ("half.mp4", MAX_BODY // 2)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    code, _, err = run("send", *ADDRESSED, *options)
    assert code == 1
    assert err.startswith("mm7: ")
    assert way_out in err
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err
    assert "geheim" not in err


@pytest.mark.requirement("U-01")
async def test_send_goes_through_the_store_so_that_a_running_gateway_tells_the_account(house: House, run: Run) -> None:
    """Given a gateway on the same store, when a message was sent by command, then its report finds it."""
    where = ("--config", settings(house), "--account", "shop", "--carrier", "acme", "--json")
    code, out, err = await beside(run, "send", *ADDRESSED, "--text", "Hi", *where)
    assert code == 0, err
    printed = json.loads(out)
    assert printed["message_id"] == "acme-1"
    told = await house.application.told("N101")
    assert told["tracking-id"] == printed["tracking_id"]
    await house.post(report("acme-1"))
    assert (await house.application.told("N102"))["tracking-id"] == printed["tracking_id"]


async def test_send_through_the_store_says_how_the_first_attempt_ended(house: House, run: Run) -> None:
    where = ("--config", settings(house))
    for why, answer in {
        'refused: 2004 Multimedia content refused: "Said so"': xml(lambda tid: fault(2004, tid), 500),
        "not accepted yet": plain(503),
        "in doubt": plain(200),
    }.items():
        house.carrier.script.append(answer)
        code, _, err = await beside(run, "send", *ADDRESSED, "--text", "Hi", *where)
        assert code == 1
        assert why in err


@pytest.mark.requirement("U-05")
async def test_send_says_what_is_stored_and_what_becomes_of_it(house: House, run: Run) -> None:
    """Given a message that is not accepted at once, then who sent it is given its id, or told that there is none."""
    for becomes, answer in {
        "a running gateway tries it again": plain(503),
        "it is held, and not sent again by itself": plain(200),
        "it is not sent again": xml(lambda tid: fault(2004, tid), 500),
    }.items():
        house.carrier.script.append(answer)
        _, _, err = await beside(run, "send", *ADDRESSED, "--text", "Hi", "--config", settings(house))
        found = re.search(r"stored as (\w+)", err)
        assert becomes in err
        assert found is not None
        assert await house.gateway._store.message(found[1]) is not None
    house.carrier.script.extend([plain(503)] * 2)
    _, out, _ = await beside(run, "send", *ADDRESSED, "--text", "Hi", "--config", settings(house), "--json")
    assert json.loads(out)["stored"] is True
    assert json.loads(out)["tracking_id"]
    _, _, err = await beside(run, "send", *ADDRESSED, "--text", "Hi", "--url", house.carrier.url)
    assert "nothing is stored" in err


async def test_send_says_where_an_answer_has_no_message_id(house: House, run: Run) -> None:
    house.carrier.script.append(xml(lambda tid: status("SubmitRsp", 1000, tid)))
    code, out, _ = await beside(run, "send", *ADDRESSED, "--text", "Hi", "--url", house.carrier.url)
    assert code == 0
    assert "MessageID      – (the answer of the carrier has none)" in out


async def test_send_with_a_config_says_which_carriers_and_accounts_there_are(house: House, run: Run) -> None:
    where = ("--text", "Hi", "--config", settings(house))
    assert "there are: acme" in (await beside(run, "send", *ADDRESSED, *where, "--carrier", "nobody"))[2]
    assert "there are: shop" in (await beside(run, "send", *ADDRESSED, *where, "--account", "nobody"))[2]


def test_send_where_the_store_is_no_store(run: Run, tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_text('[store]\nurl = "postgresql://user@127.0.0.1/db"\n')
    code, _, err = run("send", *ADDRESSED, "--text", "Hi")
    assert code == 1
    assert "sqlite:///PATH" in err
    (tmp_path / "gateway.toml").write_text('[store]\nurl = "sqlite:///gateway.toml/gateway.db"\n')
    assert run("send", *ADDRESSED, "--text", "Hi")[0] == 1


# --- explain


def capture(path: Path, body: bytes, content_type: str, start: str = "POST /mm7 HTTP/1.1") -> Path:
    path.write_bytes(f"{start}\r\nContent-Type: {content_type}\r\n\r\n".encode() + body)
    return path


@pytest.mark.requirement("U-08")
def test_explain_says_clean_of_a_good_message(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("explain", capture(tmp_path / "mo.http", *related(deliver())))
    assert code == 0
    assert "mo.http: DeliverReq" in out
    assert "TransactionID  txn-mo" in out
    assert f"image/png, {len(PICTURE)} bytes, sea.png" in out


@pytest.mark.requirement("U-08")
def test_explain_json_has_the_published_shape(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("explain", "--json", capture(tmp_path / "mo.http", *related(deliver())))
    assert code == 0
    printed = json.loads(out)
    assert list(printed) == [
        *("file", "readable", "operation", "mm7_version", "namespace", "transaction_id", "message", "parts"),
        *("findings", "error"),
    ]
    assert printed["readable"] is True
    assert (printed["operation"], printed["mm7_version"], printed["namespace"]) == ("DeliverReq", "6.8.0", NEWEST)
    assert printed["message"]["sender"] == {"number": HANDSET, "display_only": None}
    assert printed["message"]["recipients"]["to"] == [{"short_code": SHORT_CODE, "display_only": None}]
    (part,) = printed["parts"]
    assert set(part) == {"content_type", "content_id", "name", "size", "sha256"}
    assert (part["content_type"], part["content_id"], part["size"]) == ("image/png", "sea", len(PICTURE))
    for finding in printed["findings"]:
        assert set(finding) == {"rule", "level", "clause", "offset", "text"}
    assert printed["error"] is None


@pytest.mark.requirement("U-08")
def test_explain_ends_1_for_errors_and_2_for_what_it_can_not_read(run: Run, tmp_path: Path) -> None:
    without_id = deliver().replace(b"TransactionID", b"TransaktionID")
    assert run("explain", capture(tmp_path / "no-id.http", *related(without_id)))[0] == 1
    cut = capture(tmp_path / "cut.http", deliver()[:-40], "text/xml")
    code, out, _ = run("explain", "--json", cut)
    printed = json.loads(out)
    assert (code, printed["readable"], printed["operation"]) == (2, False, "DeliverReq")
    assert printed["transaction_id"] == "txn-mo"
    assert printed["error"]["code"] == 4004
    assert printed["error"]["offset"] > 0
    code, out, _ = run("explain", cut)
    assert code == 2
    assert "cut.http: unreadable (DeliverReq, TransactionID txn-mo)" in out
    assert "it would be refused with 4004" in out


@pytest.mark.requirement("U-08")
def test_explain_goes_on_after_a_file_that_is_not_there(run: Run, tmp_path: Path) -> None:
    good = capture(tmp_path / "mo.http", *related(deliver()))
    code, out, err = run("explain", "absent.http", good)
    assert code == 2
    assert err == "mm7: absent.http: No such file or directory\n"
    assert "DeliverReq" in out
    assert run("explain", good, "--profile", "nobody")[0] == 2


@pytest.mark.requirement("U-08")
def test_explain_reads_responses_bare_xml_and_standard_input(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = status("SubmitRsp", 1000, "txn-1", "<MessageID>m-1</MessageID>")
    code, out, _ = run("explain", "--json", capture(tmp_path / "rsp.http", answer, "text/xml", "HTTP/1.1 200 OK"))
    printed = json.loads(out)
    assert (code, printed["operation"], printed["message"]["message_id"]) == (0, "SubmitRsp", "m-1")
    assert printed["message"]["status_code"] == 1000
    (tmp_path / "fault.xml").write_bytes(fault(4004, "txn-2"))
    printed = json.loads(run("explain", "--json", "fault.xml")[1])
    assert (printed["operation"], printed["message"]["status_code"]) == ("RSErrorRsp", 4004)
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(answer)))
    code, out, _ = run("explain", "-")
    assert code == 0
    assert out.startswith("-: SubmitRsp")


@pytest.mark.requirement("U-08")
def test_explain_reads_every_message_of_a_har(run: Run, tmp_path: Path) -> None:
    import base64

    body, content_type = related(deliver())
    answer = status("DeliverRsp", 1000, "txn-mo")
    request = {
        "method": "POST",
        "url": "http://127.0.0.1/mm7",
        "headers": [{"name": ":authority", "value": "x"}, {"name": "Content-Type", "value": content_type}],
        "postData": {"text": base64.b64encode(body).decode(), "encoding": "base64"},
    }
    response = {
        "status": 200,
        "statusText": "OK",
        "headers": [{"name": "Content-Type", "value": "text/xml"}],
        "content": {"text": answer.decode()},
    }
    empty = {"method": "GET", "url": "http://127.0.0.1/", "headers": []}
    entries = [
        {"request": request, "response": response},
        {"request": empty, "response": {"status": 304, "headers": []}},
    ]
    (tmp_path / "trace.har").write_text(json.dumps({"log": {"entries": entries}}))
    code, out, _ = run("explain", "--json", "trace.har")
    first, second = map(json.loads, out.splitlines())
    assert code == 0
    assert (first["file"], first["operation"], first["parts"][0]["size"]) == ("trace.har#1", "DeliverReq", len(PICTURE))
    assert (second["file"], second["operation"]) == ("trace.har#2", "DeliverRsp")
    for broken in ("{}", "[]", "nothing", '{"log": {"entries": [{"request": 1}]}}'):
        (tmp_path / "broken.har").write_text(broken)
        code, _, err = run("explain", "broken.har")
        assert code == 2
        assert "not a HAR file" in err
    request["postData"] = {"text": "€", "encoding": "base64"}
    (tmp_path / "broken.har").write_text(json.dumps({"log": {"entries": entries}}))
    assert run("explain", "broken.har")[0] == 2


@pytest.mark.requirement("U-08")
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"[" * 200_000, "nested too deep"),
        (b'{"log": {"entries": []}}', "none of its requests and responses has a body"),
    ],
)
def test_explain_says_in_one_line_what_is_no_capture(run: Run, tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "x.har").write_bytes(content)
    code, _, err = run("explain", "x.har")
    assert (code, len(err.splitlines())) == (2, 1)
    assert why in err


@pytest.mark.requirement("U-08")
def test_explain_waits_for_nobody_to_write_into_a_pipe(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    code, _, err = run("explain", "pipe")
    assert code == 2
    assert "is a pipe" in err


def test_explain_with_a_profile_that_is_no_text(run: Run, tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b"gr\xfcn")
    code, _, err = run("explain", "-", "--profile", "latin.toml")
    assert (code, err) == (2, "mm7: 'latin.toml' is not UTF-8 text\n")


def test_a_terminal_of_ascii_is_no_reason_to_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = capture(tmp_path / "mo.http", *related(deliver().replace(b"Greetings", "Grüße".encode())))
    for form, wanted in ((["--json"], r"Gr\u00fc\u00dfe"), ([], r"Gr\xfc\xdfe")):
        terminal = TextIOWrapper(BytesIO(), "ascii")
        monkeypatch.setattr(sys, "stdout", terminal)
        assert main(["explain", str(path), *form]) == 0
        terminal.seek(0)
        assert wanted in terminal.read()


@pytest.mark.requirement("U-08")
def test_explain_of_the_published_sample_says_what_is_wrong_and_what_it_would_do(run: Run, shared_dir: Path) -> None:
    sample = shared_dir / "corpus" / "sinch" / "sinch2021_submit_04_Submit_full_http_request.txt"
    code, out, _ = run("explain", sample, "--profile", "sinch")
    assert code == 0
    assert "SubmitReq is in no namespace: read as in REL-" in out
    assert "read by local names, as in the dialect's namespace" in out
    assert "element.order" in out
    assert "read in any order" in out


@pytest.mark.requirement("U-08")
def test_explain_of_a_clean_fixture_says_clean(run: Run) -> None:
    fixture = Path(__file__).parents[2] / "fixtures" / "wire" / "clean" / "SubmitReq-REL-6-MM7-1-4.http"
    code, out, _ = run("explain", fixture)
    assert code == 0
    assert out.rstrip().endswith("  clean")


def test_explain_judges_as_a_profile_of_its_own(run: Run, tmp_path: Path) -> None:
    (tmp_path / "strict.toml").write_text('[dialect]\nstrictness = "strict"\n')
    odd = capture(
        tmp_path / "odd.http", *related(deliver().replace(b"<Priority>Normal</Priority>", b"<Priority>X</Priority>"))
    )
    assert run("explain", odd)[0] == 0
    assert run("explain", odd, "--profile", "strict.toml")[0] == 1


# --- config check


def test_config_check_says_what_is_in_effect(house: House, run: Run) -> None:
    code, out, _ = run("config", "check", "--config", settings(house))
    assert code == 0
    assert "acme" in out
    assert "shop" in out
    assert out.rstrip().endswith("the settings can be used")
    printed = json.loads(run("config", "check", "--json", "--config", settings(house))[1])
    assert (printed["carriers"], printed["accounts"]) == (["acme"], ["shop"])


def test_config_check_lists_every_problem(run: Run, tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_text('[server]\nlisten = "nowhere"\nlistn = 1\n[[carrier]]\nname = "a"\n')
    code, _, err = run("config", "check")
    assert code == 1
    assert "did you mean" in err
    assert len(err.splitlines()) >= 4


def test_config_check_warns_of_what_is_surely_not_meant(run: Run, tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_text('[[account]]\nname = "shop"\nsenders = ["28444"]\n')
    code, out, err = run("config", "check")
    assert code == 0, err
    assert "warning: " in out
    assert "shop" in out
    assert json.loads(run("config", "check", "--json")[1])["warnings"]


def test_config_check_shows_no_password(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MM7_STORE__URL", "postgresql://user:geheim@127.0.0.1/db")
    for form in ([], ["--json"]):
        code, out, err = run("config", "check", *form)
        assert code == 1
        assert "geheim" not in out + err


@pytest.mark.parametrize("line", ['url = "postgresql://user@127.0.0.1/db"', 'media = "s3://bucket/media"'])
def test_config_check_refuses_what_serve_refuses(run: Run, tmp_path: Path, line: str) -> None:
    (tmp_path / "gateway.toml").write_text(f"[store]\n{line}\n")
    checked, served = run("config", "check"), run("serve")
    assert checked == served
    assert checked[0] == 1
    assert "this version" in checked[2]


# --- wsdl, simulate, serve: what they refuse


def test_wsdl_writes_the_contract(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("wsdl", "--out", tmp_path / "contract")
    assert code == 0
    assert list((tmp_path / "contract").glob("*.wsdl"))
    assert "files in" in out
    (tmp_path / "file").write_text("")
    code, _, err = run("wsdl", "--out", tmp_path / "file")
    assert code == 1
    assert err.startswith("mm7: ")


@pytest.mark.parametrize(
    ("options", "way_out"),
    [
        (["--listen", "nowhere"], "HOST:PORT"),
        (["--listen", "127.0.0.1:http"], "HOST:PORT"),
        (["--listen", "127.0.0.1:99999"], "HOST:PORT"),
        (["--username", "u", "--password-file", "absent"], "'absent': No such file"),
        (["--username", "u"], "--username and --password-file go together"),
        (["--username", "u\udcff", "--password-file", "absent"], "--username: give printable text"),
        (["--username", "u:v", "--password-file", "absent"], "--username: HTTP Basic knows no user name with a colon"),
        (["--profile", "nobody"], "no profile"),
        (["--listen", "192.0.2.1:9000"], "(--listen)"),
        (["--vasp-url", "nonsense"], "--vasp-url: give a URL"),
        (["--vasp-url", "http://u:geheim@127.0.0.1:9/"], "use --username and --password-file"),
    ],
)
def test_simulate_names_the_way_out(run: Run, options: list[str], way_out: str) -> None:
    code, _, err = run("simulate", "mmsc", "--vasp-url", "http://127.0.0.1:9/", *options)
    assert code == 1
    assert way_out in err
    assert len(err.splitlines()) == 1
    assert "geheim" not in err


@pytest.mark.parametrize(
    ("options", "way_out"),
    [
        (["--report-delay", "nan"], "give seconds from 0 to 86400, not 'nan'"),
        (["--report-delay", "-5"], "give seconds from 0 to 86400, not '-5'"),
        (["--report-delay", "soon"], "give seconds from 0 to 86400, not 'soon'"),
        (["--report-status", "Bogus"], "'Retrieved', 'Expired'"),
    ],
)
def test_simulate_is_used_wrongly(run: Run, options: list[str], way_out: str) -> None:
    code, _, err = run("simulate", "mmsc", "--vasp-url", "http://127.0.0.1:9/", *options)
    assert code == 2
    assert way_out in err


def test_serve_names_the_way_out(run: Run, tmp_path: Path) -> None:
    assert "use --workers 1" in run("serve", "--workers", "2")[2]
    (tmp_path / "gateway.toml").write_text('[store]\nurl = "postgresql://user@127.0.0.1/db"\n')
    assert "sqlite:///PATH" in run("serve")[2]
    (tmp_path / "gateway.toml").write_text('[store]\nmedia = "s3://bucket/media"\n')
    assert 'this version has only "store"' in run("serve")[2]


async def test_answers_of_the_gateway_can_be_explained(house: House, run: Run, tmp_path: Path) -> None:
    _, body, headers = await house.post(*related(deliver()))
    path = capture(tmp_path / "answer.http", body, headers["Content-Type"], "HTTP/1.1 200 OK")
    code, out, _ = await beside(run, "explain", path)
    assert (code, said(body)["StatusCode"]) == (0, "1000")
    assert out.rstrip().endswith("  clean")
    await eventually(lambda: house.application.postbacks)
