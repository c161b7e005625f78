"""The whole way, in both directions, over real sockets: what the carrier gets, what it is answered, what an application
is told."""

import asyncio
import hashlib
import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import gateway.app
from gateway.mm7.versions import VERSIONS, Release
from tests.integration.running import (
    HANDSET,
    OTHER_HANDSET,
    PICTURE,
    SHORT_CODE,
    SUBJECT,
    House,
    Submit,
    deliver,
    eventually,
    eventually_so,
    fault,
    plain,
    read_reply,
    related,
    report,
    running,
    said,
    status,
    xml,
)


@pytest.mark.requirement("M-01", "C-01", "P-03")
async def test_an_mt_leaves_as_a_submit_that_strangers_can_read(house: House) -> None:
    """Given an MT with a picture, when it was accepted, then the carrier gets it, and the application hears N101."""
    tracking_id = await house.submit()
    told = await house.application.told("N101")
    (submit,) = house.carrier.submits
    texts = submit.texts
    assert (texts["operation"], texts["MM7Version"]) == ("SubmitReq", "6.8.0")
    assert (texts["VASPID"], texts["VASID"], texts["Subject"]) == ("vasp", "28444mms", SUBJECT)
    assert (texts["Number"], texts["ShortCode"], texts["DeliveryReport"]) == (HANDSET, SHORT_CODE, "true")
    assert submit.headers["SOAPAction"] == '""'
    assert int(submit.headers["Content-Length"]) == len(submit.body)
    (_, *leaves) = submit.parts
    assert [content for _, content in leaves] == [b"Hello", PICTURE]
    assert leaves[1][0] == "image/png"
    assert told["tracking-id"] == tracking_id
    assert (told["to"], told["from"], told["status"]) == (HANDSET, SHORT_CODE, "Sent")


@pytest.mark.requirement("C-02", "P-03")
async def test_a_report_of_retrieval_becomes_n102(house: House) -> None:
    tracking_id = await house.submit()
    await house.application.told("N101")
    http_status, body, _ = await house.post(report("acme-1", "Retrieved", "txn-of-the-report"))
    answer = said(body)
    assert (http_status, answer["StatusCode"], answer["TransactionID"]) == (200, "1000", "txn-of-the-report")
    assert answer["operation"] == "DeliveryReportRsp"
    told = await house.application.told("N102")
    assert (told["tracking-id"], told["to"]) == (tracking_id, HANDSET)
    assert await house.state(tracking_id) == "retrieved"


@pytest.mark.requirement("P-03")
@pytest.mark.parametrize(("mm_status", "code"), [("Rejected", "E102"), ("Expired", "N103"), ("Unreachable", "E102")])
async def test_a_report_of_failure_is_told_with_its_code(house: House, mm_status: str, code: str) -> None:
    await house.submit()
    await house.application.told("N101")
    await house.post(report("acme-1", mm_status))
    assert (await house.application.told(code))["code"] == code


@pytest.mark.requirement("P-03")
async def test_a_submit_that_the_carrier_refuses_is_told_as_e101(house: House) -> None:
    house.carrier.script.append(xml(lambda tid: fault(2002, tid), 500))
    tracking_id = await house.submit()
    told = await house.application.told("E101")
    assert told["status-details"] == "Said so"
    assert await house.state(tracking_id) == "failed"


@pytest.mark.requirement("C-02", "P-03", "U-01")
async def test_an_mo_is_stored_answered_told_and_fetched(house: House) -> None:
    """Given an MO with a picture, when it is answered 1000, then it lies in the store, and the application gets it."""
    body, content_type = related(deliver("txn-mo"))
    http_status, answer_body, _ = await house.post(body, content_type)
    answer = said(answer_body)
    assert (http_status, answer["StatusCode"], answer["TransactionID"]) == (200, "1000", "txn-mo")
    assert house.stored() == {"message": 1, "part": 1, "work": 1, "content": 1}
    told = await house.application.told("N401")
    assert (told["from"], told["to"], told["message-subject"]) == (HANDSET, SHORT_CODE, SUBJECT)
    (item,) = told["content"]
    assert item["file"].startswith(f"{house.url}/media/")
    async with house.client.get(item["file"]) as response:
        assert hashlib.sha256(await response.read()).digest() == hashlib.sha256(PICTURE).digest()
        assert response.headers["Content-Type"] == "image/png"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Disposition"] == "inline; filename*=UTF-8''sea.png"
        assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.requirement("P-01", "P-03")
async def test_a_postback_is_json_with_an_id_and_a_time(house: House) -> None:
    await house.post(*related(deliver()))
    await house.application.told("N401")
    headers = house.application.headers[0]
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["webhook-id"]
    assert headers["webhook-timestamp"] == str(house.clock.now() // 1000)


async def test_a_read_reply_is_kept_and_answered(house: House) -> None:
    tracking_id = await house.submit()
    await house.application.told("N101")
    http_status, body, _ = await house.post(read_reply("acme-1", "txn-read"))
    answer = said(body)
    assert (http_status, answer["operation"], answer["StatusCode"]) == (200, "ReadReplyRsp", "1000")
    message = await house.gateway._store.message(tracking_id)
    assert message is not None
    assert message.recipients[0].read == "read"


async def test_an_mo_to_nobodys_short_code_is_stored_unclaimed_and_answered_1000(house: House) -> None:
    body, content_type = related(deliver(to="28999"))
    _, answer, _ = await house.post(body, content_type)
    assert said(answer)["StatusCode"] == "1000"
    assert house.stored() == {"message": 1, "part": 1, "content": 1}
    assert await house.counted('mm7_unmatched_total{carrier="acme",operation="DeliverReq"}') == 1
    (line,) = house.log.events("mo.unclaimed")
    assert (line["carrier"], line["operation"]) == ("acme", "DeliverReq")
    assert line["tracking_id"]


@pytest.mark.requirement("U-04")
async def test_a_report_that_comes_before_the_answer_is_matched(house: House) -> None:
    """Given a carrier that reports before it answers, when its answer comes, then both are told in order."""

    async def report_first(submit: Submit) -> object:
        _, body, _ = await house.post(report("early-1", "Retrieved"))
        assert said(body)["StatusCode"] == "1000"
        return await xml(lambda tid: status("SubmitRsp", 1000, tid, "<MessageID>early-1</MessageID>"))(submit)

    house.carrier.script.append(report_first)  # type: ignore[arg-type]
    tracking_id = await house.submit()
    await house.application.told("N102")
    assert [postback["code"] for postback in house.application.postbacks] == ["N101", "N102"]
    assert await house.state(tracking_id) == "retrieved"


@pytest.mark.requirement("U-04")
async def test_a_report_for_nobody_is_parked_and_answered_1000(house: House) -> None:
    _, body, _ = await house.post(report("of-somebody-else"))
    assert said(body)["StatusCode"] == "1000"
    assert house.stored() == {"report": 1}
    assert await house.counted('mm7_unmatched_total{carrier="acme",operation="DeliveryReportReq"}') == 1
    (line,) = house.log.events("report.parked")
    assert (line["carrier"], line.get("tracking_id")) == ("acme", None)


RELEASES = [pytest.param(release, id=release.suffix) for release in Release]


@pytest.mark.requirement("C-02", "M-04")
@pytest.mark.parametrize("release", RELEASES)
async def test_every_answer_is_in_the_namespace_and_version_of_its_request(house: House, release: Release) -> None:
    for version in {VERSIONS[release][0], VERSIONS[release][-1]}:
        requests = {
            "DeliverRsp": related(deliver(f"mo-{version}", namespace=release.uri, version=version)),
            "DeliveryReportRsp": (
                report("m-1", "Retrieved", f"dr-{version}", namespace=release.uri, version=version),
                "text/xml",
            ),
            "ReadReplyRsp": (read_reply("m-1", f"rr-{version}", namespace=release.uri, version=version), "text/xml"),
        }
        for operation, (body, content_type) in requests.items():
            http_status, answer_body, _ = await house.post(body, content_type)
            answer = said(answer_body)
            assert (http_status, answer["operation"], answer["StatusCode"]) == (200, operation, "1000")
            assert (answer["namespace"], answer["header"]) == (release.uri, release.uri)
            assert answer["MM7Version"] == version
            assert answer["TransactionID"].partition("-")[2] == version


@pytest.mark.requirement("M-04")
async def test_a_refusal_is_in_the_namespace_of_what_it_refuses(house: House) -> None:
    old = Release.R5_2.uri
    without_sender = deliver("txn-bad", namespace=old, version="5.3.0").replace(
        f"<Sender><Number>{HANDSET}</Number></Sender>".encode(), b""
    )
    http_status, body, _ = await house.post(*related(without_sender))
    answer = said(body)
    assert (http_status, answer["StatusCode"], answer["namespace"]) == (500, "4004", old)
    assert answer["TransactionID"] == "txn-bad"


@pytest.mark.requirement("M-19")
async def test_the_operator_that_a_carrier_names_is_told(house: House) -> None:
    body, content_type = related(deliver())
    await house.post(body, content_type, **{"X-Mblox-Operator-Id": "31002"})
    assert (await house.application.told("N401"))["operator-id"] == "31002"


@pytest.mark.requirement("M-08")
async def test_mo_and_reports_go_to_urls_of_their_own_and_a_reload_changes_them(house: House) -> None:
    path = house.folder / "gateway.toml"
    text = path.read_text()
    path.write_text(text.replace("postback_url", "report_url"))
    from gateway.config import load

    house.gateway.reload(load(path, {}))
    await house.post(*related(deliver()))
    await house.submit()
    await house.application.told("N101")
    assert [postback["code"] for postback in house.application.postbacks] == ["N101"]


# --- when the peers don't


@pytest.mark.requirement("M-09", "M-11")
@pytest.mark.parametrize("answer", [500, 404, 410, 204, 302])
async def test_only_200_counts_and_the_rest_is_tried_again_in_five_minutes(house: House, answer: int) -> None:
    house.application.script.append(answer)
    await house.post(*related(deliver()))
    await house.application.told("N401")

    async def deferred() -> bool:
        return (await house.gateway._store.depth()).get(("notify", "deferred")) == 1

    await eventually_so(deferred)
    house.clock.advance(299)
    assert house.gateway._delivery is not None
    await house.gateway._delivery.look()
    assert len(house.application.postbacks) == 1
    house.clock.advance(1)
    await house.application.told_times(2)
    first, second = house.application.headers
    assert first["webhook-id"] == second["webhook-id"]


@pytest.mark.requirement("M-11")
async def test_after_five_retries_it_is_a_dead_letter_that_stays(house: House) -> None:
    house.application.script.extend([500] * 6)
    await house.post(*related(deliver()))
    for attempt in range(1, 7):
        await house.application.told_times(attempt)
        # Not by the row's state: it is deferred while it is attempted, too.
        await eventually(lambda attempt=attempt: house.log.text.count("attempt.ended") == attempt)  # type: ignore[misc]
        house.clock.advance(300)
    assert await house.gateway._store.depth() == {("notify", "dead"): 1}


@pytest.mark.requirement("M-12", "P-01")
async def test_a_slow_application_holds_up_no_other(tmp_path: Path) -> None:
    """Given two accounts, one of which doesn't answer, when both are told, then the other hears at once."""
    from tests.integration.running import FakeApplication, served

    quick = FakeApplication()
    async with served("/postbacks", quick.handle) as quick.url:
        more = f'[[account]]\nname = "quick"\nsenders = ["28445"]\npostback_url = "{quick.url}"\n'
        async with running(tmp_path, more=more) as house:
            house.application.asleep = 60
            await house.post(*related(deliver("slow")))
            await house.application.told("N401")
            await house.post(*related(deliver("quick", to="28445")))
            assert (await quick.told("N401"))["to"] == "28445"
            house.application.asleep = 0


@pytest.mark.requirement("P-01")
async def test_notifications_keep_their_order_on_one_connection(house: House) -> None:
    for number in range(20):
        await house.post(*related(deliver(f"txn-{number}"), picture=b"\x89PNG" + bytes([number])))
    await house.application.told_times(20)
    tracking_ids = [postback["tracking-id"] for postback in house.application.postbacks]
    assert tracking_ids == sorted(tracking_ids)
    assert len(house.application.connections) == 1


@pytest.mark.requirement("U-01")
async def test_parked_work_goes_on_after_a_restart(house: House) -> None:
    """Given a carrier that says later and an application that fails, when we restart, then both are tried again."""
    house.carrier.script.append(plain(503, b"later"))
    house.application.script.append(500)
    tracking_id = await house.submit()
    await house.post(*related(deliver()))

    async def parked() -> bool:
        depth = await house.gateway._store.depth()
        return depth == {("submit", "deferred"): 1, ("notify", "deferred"): 1}

    await eventually_so(parked)
    await house.restart()
    house.clock.advance(301)
    await house.reaches(tracking_id, "submitted")
    await house.application.told_times(2)
    ids = [submit.texts["TransactionID"] for submit in house.carrier.submits]
    assert ids[0] == ids[1]
    assert house.carrier.submits[0].body == house.carrier.submits[1].body


async def test_several_recipients_are_told_one_by_one(house: House) -> None:
    await house.submit(HANDSET, OTHER_HANDSET)
    await house.application.told_times(2)
    assert {postback["to"] for postback in house.application.postbacks} == {HANDSET, OTHER_HANDSET}


@pytest.mark.requirement("U-13")
async def test_the_log_of_the_whole_way_is_json_without_numbers_or_content(house: House) -> None:
    await house.submit(text="a-secret-word")
    await house.application.told("N101")
    await house.post(report("acme-1"))
    await house.application.told("N102")
    await house.post(*related(deliver()))
    await house.application.told("N401")
    for word in (HANDSET, SUBJECT, "a-secret-word", "/postbacks"):
        assert word not in house.log.text
    assert all(isinstance(json.loads(line), dict) for line in house.log.text.splitlines())


async def test_ready_and_alive_are_said(house: House) -> None:
    for path in ("/healthz", "/readyz"):
        async with house.client.get(house.url + path) as response:
            assert response.status == 200
            assert response.headers["Server"] == "mm7-gateway"


@contextmanager
def a_full_disk() -> Iterator[None]:
    """No file grows beyond a few bytes, whoever writes it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.requirement("U-15")
async def test_not_ready_is_503_while_the_disk_refuses_every_message(house: House) -> None:
    """Given a full disk, then no message is taken and the gateway says that it is not ready, until there is room."""
    with a_full_disk():
        assert said((await house.post(*related(deliver("txn-full"))))[1])["StatusCode"] == "3000"
        async with house.client.get(house.url + "/readyz") as response:
            assert (response.status, await response.text()) == (
                503,
                "not ready: the store refuses what it is given\n",
            )
        async with house.client.get(house.url + "/healthz") as response:
            assert response.status == 200
    assert house.log.events("store.failed")
    async with house.client.get(house.url + "/readyz") as response:
        assert response.status == 200


async def test_not_ready_is_503_while_the_store_does_not_answer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs() -> None:
        await asyncio.sleep(3600)

    monkeypatch.setattr(gateway.app, "READY_SECONDS", 0.05)
    monkeypatch.setattr(type(house.gateway._store), "check", lambda _self: hangs())
    async with house.client.get(house.url + "/readyz") as response:
        assert (response.status, await response.text()) == (503, "not ready: the store does not answer\n")


@pytest.mark.requirement("M-01")
async def test_an_mo_that_comes_as_a_submit_gets_a_submit_rsp_with_a_message_id(house: House) -> None:
    """Interop X16: some carriers submit what they should deliver."""
    submit = deliver("txn-x16").replace(b"DeliverReq", b"SubmitReq")
    submit = submit.replace(b"<Sender>", b"<SenderIdentification><SenderAddress>")
    submit = submit.replace(b"</Sender>", b"</SenderAddress></SenderIdentification>")
    _, body, _ = await house.post(*related(submit))
    answer = said(body)
    told = await house.application.told("N401")
    assert (answer["operation"], answer["StatusCode"], answer["TransactionID"]) == ("SubmitRsp", "1000", "txn-x16")
    assert answer["MessageID"] == told["tracking-id"]
