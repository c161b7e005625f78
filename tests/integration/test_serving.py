"""`mm7 serve`, `demo` and `simulate` as processes: their signals, their ends, and what a kill -9 leaves."""

from __future__ import annotations

import asyncio
import io
import re
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiohttp
import pytest

import gateway.demo.show
from gateway.demo.show import demonstrate
from gateway.mm7.answers import Answer, Refusal, refused
from gateway.simulator.mmsc import SimulatedMmsc
from tests.integration.processes import Process, command, started
from tests.integration.running import (
    HANDSET,
    PICTURE,
    SETTINGS,
    SHORT_CODE,
    FakeApplication,
    FakeCarrier,
    deliver,
    eventually,
    nothing,
    plain,
    related,
    running,
    said,
    served,
)

LISTENING = r"listening on (http://\S+), operator on (http://\S+)"


@asynccontextmanager
async def peers(folder: Path) -> AsyncIterator[tuple[FakeCarrier, FakeApplication]]:
    carrier, application = FakeCarrier(), FakeApplication()
    async with (
        served("/mm7", carrier.handle) as carrier.url,
        served("/postbacks", application.handle) as application.url,
    ):
        settings = SETTINGS.format(
            server="", link="", more="", carrier=carrier.url, application=application.url, response_timeout=5
        )
        (folder / "gateway.toml").write_text(settings)
        yield carrier, application


async def listening(process: Process) -> tuple[str, str]:
    found = await process.says(LISTENING)
    return found.group(1), found.group(2)


async def post_mo(url: str, transaction_id: str) -> dict[str, str]:
    body, content_type = related(deliver(transaction_id))
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"{url}/carrier/acme", data=body, headers={"Content-Type": content_type}) as answer,
    ):
        return said(await answer.read())


@pytest.mark.requirement("U-01")
async def test_what_was_answered_1000_is_there_after_kill_9(tmp_path: Path) -> None:
    """Given a gateway killed right after its 1000, when it is started again, then the MO is told, content and all."""
    async with peers(tmp_path) as (_, application):
        application.script.extend([500] * 5)  # so that it was surely not handed over before
        async with started("serve", "--config", "gateway.toml", folder=tmp_path) as process:
            url, _ = await listening(process)
            assert (await post_mo(url, "txn-before"))["StatusCode"] == "1000"
            process.tell(signal.SIGKILL)
            assert await process.ends() == -signal.SIGKILL
        application.script.clear()
        before = len(application.postbacks)
        # A deferred notification comes back after five minutes, a dead node's lease ends after 30 s: not waited for.
        with closing(sqlite3.connect(tmp_path / "gateway.db")) as db, db:
            assert db.execute("SELECT count(*) FROM message").fetchone() == (1,)
            db.execute("UPDATE work SET next_attempt_at = 0 WHERE next_attempt_at IS NOT NULL")
            db.execute("DELETE FROM destination_lease")
        async with started("serve", "--config", "gateway.toml", folder=tmp_path) as process:
            url, _ = await listening(process)
            await eventually(lambda: len(application.postbacks) > before)
            (item,) = application.postbacks[-1]["content"]
            async with aiohttp.ClientSession() as client, client.get(item["file"]) as response:
                assert await response.read() == PICTURE


@pytest.mark.requirement("M-08")
async def test_sighup_takes_the_settings_anew_and_keeps_the_old_ones_where_the_new_are_wrong(tmp_path: Path) -> None:
    async with peers(tmp_path), started("serve", "--config", "gateway.toml", folder=tmp_path) as process:
        url, _ = await listening(process)
        path = tmp_path / "gateway.toml"
        good = path.read_text()
        path.write_text(good.replace("vaspid", "vaspidd"))
        process.tell(signal.SIGHUP)
        await process.says("mm7: not reloaded")
        await process.says("did you mean|vaspid")
        assert (await post_mo(url, "txn-1"))["StatusCode"] == "1000"
        path.write_text(good.replace('"acme"', '"other"'))
        process.tell(signal.SIGHUP)
        await process.says('"event":"reloaded"')
        async with aiohttp.ClientSession() as client:
            async with client.post(f"{url}/carrier/acme", data=b"") as answer:
                assert answer.status == 404
            async with client.post(f"{url}/carrier/other", data=b"") as answer:
                assert answer.status == 500
        process.tell(signal.SIGTERM)
        assert await process.ends() == 0


@pytest.mark.requirement("M-08")
async def test_a_reload_without_the_file_that_was_there_changes_nothing(tmp_path: Path) -> None:
    """Given gateway.toml found where it was started, when it is gone at SIGHUP, then the carriers are kept."""
    async with peers(tmp_path), started("serve", folder=tmp_path) as process:
        url, _ = await listening(process)
        (tmp_path / "gateway.toml").rename(tmp_path / "moved.toml")
        process.tell(signal.SIGHUP)
        await process.says("mm7: not reloaded")
        assert (await post_mo(url, "txn-1"))["StatusCode"] == "1000"


@pytest.mark.requirement("M-08")
async def test_a_reload_says_what_only_a_restart_takes(tmp_path: Path) -> None:
    async with peers(tmp_path), started("serve", folder=tmp_path) as process:
        await listening(process)
        path = tmp_path / "gateway.toml"
        text = path.read_text().replace("[server]\n", "[server]\nstop_seconds = 3\n")
        path.write_text(text.replace("[store]\nurl", '[store]\nurl = "sqlite:///other.db"\n#', 1))
        process.tell(signal.SIGHUP)
        await process.says(r"reloaded, but \[server\] stop_seconds has changed too: restart")
        await process.says(r"reloaded, but \[store\] url has changed too: restart")


@pytest.mark.requirement("U-03")
async def test_an_attempt_has_stop_seconds_to_end_and_then_its_message_is_in_doubt(tmp_path: Path) -> None:
    """Given a carrier that answers later than that, when the gateway is stopped, then nobody claims it was not sent."""
    async with running(tmp_path, server="stop_seconds = 0.2", response_timeout=60) as house:
        house.carrier.script.append(nothing)
        tracking_id = await house.submit()
        await eventually(lambda: house.carrier.submits)
        async with asyncio.timeout(5):
            await house.restart()
        assert await house.state(tracking_id) == "in_doubt"
        (ended,) = house.log.events("attempt.ended")
        assert (ended["outcome"], ended["state"]) == ("InDoubt", "Held")
        assert len(house.carrier.submits) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_ends_within_ten_seconds_whatever_is_under_way(tmp_path: Path, number: signal.Signals) -> None:
    """Given an upload that has stalled and an idle connection, when it is told to stop, then it ends, with status 0."""
    async with peers(tmp_path), started("serve", "--config", "gateway.toml", folder=tmp_path) as process:
        url, _ = await listening(process)
        host, _, port = url.removeprefix("http://").partition(":")
        _, stalled = await asyncio.open_connection(host, int(port))
        stalled.write(b"POST /carrier/acme HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf")
        await stalled.drain()
        _, idle = await asyncio.open_connection(host, int(port))
        await asyncio.sleep(0.2)
        process.tell(number)
        assert await process.ends(within=10) == 0
        assert any('"event":"stopped"' in line for line in process.lines)
        assert not any("Traceback" in line for line in process.lines), process.lines
        stalled.close()
        idle.close()


@pytest.mark.requirement("U-13")
async def test_it_says_nothing_but_json_once_it_listens(tmp_path: Path) -> None:
    import json

    async with peers(tmp_path) as (_, application):
        async with started("serve", "--config", "gateway.toml", folder=tmp_path) as process:
            url, _ = await listening(process)
            await post_mo(url, "txn-1")
            await application.told("N401")
            async with aiohttp.ClientSession() as client, client.post(f"{url}/nowhere/{HANDSET}") as answer:
                assert answer.status == 404
            process.tell(signal.SIGTERM)
            assert await process.ends() == 0
        said_after = process.lines[next(at for at, line in enumerate(process.lines) if "listening" in line) + 1 :]
        assert [json.loads(line) for line in said_after]
        assert HANDSET not in "\n".join(said_after)


async def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path) -> None:
    async with peers(tmp_path) as (carrier, _):
        path = tmp_path / "gateway.toml"
        taken = re.sub(r"http://(.*)/mm7", r"\1", carrier.url)
        path.write_text(path.read_text().replace('listen = "127.0.0.1:0"', f'listen = "{taken}"', 1))
        code, text = await command("serve", "--config", "gateway.toml", folder=tmp_path)
    assert code == 1
    assert "mm7: can't listen" in text
    assert "Traceback" not in text


async def test_workers_need_another_store(tmp_path: Path) -> None:
    code, text = await command("serve", "--workers", "2", folder=tmp_path)
    assert (code, text) == (
        1,
        "mm7: --workers: this version stores in SQLite, which one process writes; use --workers 1",
    )


async def test_the_simulated_mmsc_takes_a_submit_and_reports(tmp_path: Path) -> None:
    """`mm7 send --url` to `mm7 simulate mmsc`, whose report comes to whoever it was told to report to."""
    vasp = FakeCarrier()
    vasp.script.append(plain(200))
    async with served("/carrier/acme", vasp.handle) as vasp.url:
        arguments = ("--listen", "127.0.0.1:0", "--vasp-url", vasp.url, "--report-delay", "0.1")
        async with started("simulate", "mmsc", *arguments, folder=tmp_path) as mmsc:
            url = (await mmsc.says(r"simulated MMSC: (\S+),")).group(1)
            send = ("send", "--to", HANDSET, "--from", SHORT_CODE, "--text", "Hello", "--url", url, "--vaspid", "me")
            code, text = await command(*send, folder=tmp_path)
            assert code == 0, text
            message_id = re.search(r"MessageID +(\S+)", text)
            assert message_id is not None
            await mmsc.says(f"SubmitReq .* MessageID {message_id.group(1)} .*text/plain 5 bytes")
            await mmsc.says("DeliveryReportReq .* HTTP 200")
            mmsc.tell(signal.SIGTERM)
            assert await mmsc.ends(within=10) == 0
    (report,) = vasp.submits
    assert said(report.body)["MessageID"] == message_id.group(1)


async def test_the_simulated_mmsc_says_when_its_report_is_not_answered(tmp_path: Path) -> None:
    arguments = ("--listen", "127.0.0.1:0", "--vasp-url", "http://127.0.0.1:9/none", "--report-delay", "0")
    async with started("simulate", "mmsc", *arguments, folder=tmp_path) as mmsc:
        url = (await mmsc.says(r"simulated MMSC: (\S+),")).group(1)
        send = ("send", "--to", HANDSET, "--from", SHORT_CODE, "--text", "Hello", "--url", url)
        assert (await command(*send, folder=tmp_path))[0] == 0
        await mmsc.says("DeliveryReportReq .* not answered")


# --- the demonstration


async def test_the_demo_shows_every_step_and_ends_0(tmp_path: Path) -> None:
    code, text = await command("demo", "--once", folder=tmp_path)
    assert code == 0, text
    for step in (
        r"SubmitReq +TransactionID \w+, .*image/png \d+ bytes",
        r"SubmitRsp +1000 Success, TransactionID \w+, MessageID \w+",
        r"N101 Sent",
        r"DeliveryReportReq +Retrieved, TransactionID \w+",
        r"DeliveryReportRsp +1000, TransactionID \w+",
        r"N102 Delivered",
        r"DeliverReq +TransactionID \w+, .*image/png",
        r"DeliverRsp +1000, TransactionID \w+, stored",
        r"N401",
        r"image/png, \d+ bytes, the phone's picture byte for byte",
    ):
        assert re.search(step, text), step


async def test_the_demo_goes_on_serving_and_says_where(tmp_path: Path) -> None:
    async with started("demo", folder=tmp_path) as demo:
        metrics = (await demo.says(r"metrics +(\S+)")).group(1)
        settings = (await demo.says(r"--config (\S+)")).group(1)
        async with aiohttp.ClientSession() as client, client.get(metrics) as answer:
            assert "mm7_accepted_total" in await answer.text()
        send = (
            "send",
            "--config",
            settings,
            "--to",
            HANDSET,
            "--from",
            SHORT_CODE,
            "--text",
            "Hi",
            "--account",
            "demo",
        )
        code, text = await command(*send, folder=tmp_path)
        assert code == 0, text
        demo.tell(signal.SIGINT)
        assert await demo.ends(within=15) == 0


class Refusing(SimulatedMmsc):
    """A carrier that takes nothing."""

    def _answer(self, *_request: object) -> Answer:
        return refused(Refusal(2002, "nobody lives there", "demo"), self._settings.dialect, from_relay=True)


class Mute(SimulatedMmsc):
    """A carrier that reports nothing."""

    async def _report(self, *_arguments: object) -> None:
        return


@pytest.mark.parametrize(("carrier", "why"), [(Refusing, "E101 Failed"), (Mute, "nothing happened for")])
async def test_the_demo_ends_1_when_a_step_fails(
    carrier: type[SimulatedMmsc], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway.demo.show, "PATIENCE", 3.0)
    out = io.StringIO()
    assert await demonstrate(out, once=True, carrier=carrier) == 1
    assert "FAILED" in out.getvalue()
    assert why in out.getvalue()
    assert "Everything arrived" not in out.getvalue()
