"""What the product relies on, asked of the real Rasa with the shipped model."""

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from faq.entries import Faq
from faq.releasing import training_set
from nlu.rasa_client import NluUnavailableError, RasaClient
from nlu.training_set import Example, plain
from tests.conftest import RunningRasa

pytestmark = pytest.mark.rasa

SENTENCES = (
    "Thẻ căn cước là gì",
    "làm thẻ căn cước cho con 7 tuổi cần giấy tờ gì",
    "mất căn cước thì làm lại ở đâu",
    "đổi thẻ căn cước hết bao nhiêu tiền",
    "thẻ hết hạn có bị phạt không",
    "đăng ký thường trú theo chồng cần những gì",
    "đăng ký tạm trú cho người thuê trọ",
    "gia hạn tạm trú trên mạng thế nào",
    "đi làm xa có phải khai báo tạm vắng không",
    "khách ngủ lại một đêm có phải báo công an không",
    "đăng ký xe máy mới mua ở đâu",
    "lệ phí biển số xe máy bao nhiêu",
    "tra cứu phạt nguội ở đâu",
    "nộp phạt giao thông qua mạng thế nào",
    "quên mật khẩu VNeID phải làm sao",
    "định danh mức 2 đăng ký ở đâu",
    "có người gọi điện xưng công an bảo cài VNeID",
    "nộp hồ sơ trên cổng dịch vụ công thế nào",
    "xin xác nhận số chứng minh nhân dân cũ",
    "bao lâu thì nhận được thẻ căn cước",
)
ODD = {
    "longest message of Telegram": "căn cước " * 455 + "a",
    "one long word": "a" * 4096,
    "emoji": "👮‍♀️🪪😀",
    "right to left": "\u202eمرحبا căn cước",
    "control characters": "\x00\x07\x1b[31m căn cước \x7f",
    "command": "/restart",
    "command with an intent": '/can-cuoc.la-gi{"a": "b"}',
    "annotation": "[căn cước](giấy)",
    "JSON": '{"text": "căn cước"}',
    "half a character": "\ud83d căn cước",
    "combining marks": "a" + "\u0301" * 300,
}


def without_accents(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in bare if not unicodedata.combining(c))


@pytest.fixture
async def client(rasa: RunningRasa) -> AsyncIterator[RasaClient]:
    async with RasaClient.at(rasa.url) as client:
        yield client


async def test_every_intent_comes_back_and_confidences_add_up_to_one(client: RasaClient, shipped: Faq) -> None:
    understanding = await client.parse(SENTENCES[0])

    assert {g.intent for g in understanding.guesses} == set(training_set(shipped, {}).intents)
    assert sum(g.confidence for g in understanding.guesses) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("sentence", SENTENCES)
async def test_accents_left_out_mean_the_same(client: RasaClient, sentence: str) -> None:
    typed, bare = await client.parse(sentence), await client.parse(without_accents(sentence))

    assert typed.best is not None
    assert bare.best is not None
    assert bare.best.intent == typed.best.intent


@pytest.mark.parametrize("sentence", SENTENCES)
async def test_composed_and_decomposed_letters_are_identical(client: RasaClient, sentence: str) -> None:
    composed = await client.parse(unicodedata.normalize("NFC", sentence))

    assert await client.parse(unicodedata.normalize("NFD", sentence)) == composed


@pytest.mark.parametrize("sentence", ["THỦ TỤC HOÀ GIẢI", "Hoà", "tài khoản bị khoá", "thuỷ"])
async def test_both_places_of_the_tone_mark_are_identical(client: RasaClient, sentence: str) -> None:
    pairs = {"oà": "òa", "OÀ": "ÒA", "oá": "óa", "uỷ": "ủy"}
    other = sentence
    for new, old in pairs.items():
        other = other.replace(new, old)
    assert other != sentence

    assert await client.parse(other) == await client.parse(sentence)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
async def test_odd_input_is_understood_as_words_or_not_at_all(client: RasaClient, text: str) -> None:
    understanding = await client.parse(text)

    assert sum(g.confidence for g in understanding.guesses) == pytest.approx(1, abs=1e-4)
    best = understanding.best
    assert best is not None
    assert await client.parse(SENTENCES[0]), "the server goes on"


async def test_intent_cannot_be_forced_from_outside(client: RasaClient) -> None:
    forced = await client.parse("/vneid.la-gi")

    assert forced.confidence("vneid.la-gi") < 1
    assert forced == await client.parse("vneid.la-gi")


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "/", "[", "\u200b"])
async def test_nothing_said_is_no_crash(client: RasaClient, text: str) -> None:
    understanding = await client.parse(text)

    assert understanding.best is None or plain(text)


async def test_many_at_once_get_each_their_own_answer(client: RasaClient) -> None:
    alone = [await client.parse(sentence) for sentence in SENTENCES]

    assert await asyncio.gather(*map(client.parse, SENTENCES)) == alone


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x1f\x8b\x08" + b"\x00" * 100])
async def test_bad_model_file_keeps_the_old_one(client: RasaClient, tmp_path: Path, content: bytes) -> None:
    before, model = await client.parse(SENTENCES[0]), await client.live_model()
    (tmp_path / "bad.tar.gz").write_bytes(content)

    with pytest.raises(NluUnavailableError, match="HTTP 4"):
        await client.switch(tmp_path / "bad.tar.gz")

    assert await client.live_model() == model
    assert await client.parse(SENTENCES[0]) == before


async def test_model_file_that_is_not_there_keeps_the_old_one(client: RasaClient, tmp_path: Path) -> None:
    before = await client.parse(SENTENCES[0])

    with pytest.raises(NluUnavailableError):
        await client.switch(tmp_path / "none.tar.gz")

    assert await client.parse(SENTENCES[0]) == before


async def test_judging_does_not_switch_and_agrees_with_parsing(client: RasaClient, rasa: RunningRasa) -> None:
    before = await client.live_model()
    sentences = [*SENTENCES, "- gạch đầu dòng", "# thăng: hai chấm", "/restart [a](b)", "“ngoặc” 'nháy' \"kép\""]
    model = next(p for p in rasa.models.glob("*.tar.gz") if p.name != "live.tar.gz")

    judged = await client.judge(model, [Example("can-cuoc.la-gi", sentence) for sentence in sentences])

    assert await client.live_model() == before
    guessed = {j.text: j.guessed for j in judged}
    assert guessed.keys() == set(map(plain, sentences))
    for sentence in sentences:
        best = (await client.parse(sentence)).best
        assert best is not None
        assert guessed[plain(sentence)] == best.intent


async def test_health_and_address(client: RasaClient, rasa: RunningRasa) -> None:
    assert await client.answers()
    async with httpx.AsyncClient(trust_env=False) as http:
        reply = await http.get(f"{rasa.url}/version")
    assert reply.json()["version"] == "3.6.21"
