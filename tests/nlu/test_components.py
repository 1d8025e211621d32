"""The components that run inside Rasa, tried by its own Python 3.10 in one process for all tests."""

import json
import os
import subprocess
import unicodedata

import pytest
from hypothesis import find, settings
from hypothesis import strategies as st

from service.environments import NLU, ROOT
from service.parts import rasa_environment

pytestmark = pytest.mark.rasa

SCRIPT = """
import json, sys, tempfile
from pathlib import Path
import numpy as np
from scipy.sparse import csr_matrix
from nlu.server.accents import AccentModel
from nlu.server.classifier import Features, KeptShares, Shares, fit, softmax
from nlu.server.normalizer import ShortForms, fold, normalize

asked = json.load(sys.stdin)
short = {"cccd": "căn cước công dân", "k": "không"}
normal = [normalize(text, ShortForms(short)) for text in asked]
random = np.random.default_rng(1)
labels = np.repeat([0, 1, 2], 12)
points = np.eye(3)[labels] + random.normal(0, 0.05, (36, 3))
config = {"cost": 0.5, "meaning_cost": 30.0, "meaning_steps": 30, "folds": 3, "seed": 7}

def guessed(features, labels):
    models, shares = fit(features, labels, config)
    together = softmax(np.tensordot(shares.together, models.scores(features), axes=1))
    alone = softmax(shares.alone[0] * models.words.scores(features.sparse))
    return together, alone

features = Features(csr_matrix(points), points.astype(np.float32))
sure, by_words = guessed(features, labels)
wordy, _ = guessed(Features(csr_matrix(points), np.zeros((36, 0), dtype=np.float32)), labels)
two, _ = guessed(features[np.arange(24)], labels[:24])
accents = AccentModel.of(["đăng ký tạm trú ở đâu", "đổi thẻ căn cước", "thẻ bị mất", "khong dau"])
from nlu.server.vectors import KeptVectors
folder = tempfile.mkdtemp()
one, two_ = np.arange(384, dtype=np.float32), np.ones(384, dtype=np.float32)
kept = KeptVectors(folder)
kept.keep({"a": one}); kept.keep({"a": two_, "b": two_})
found = kept.read(["a", "b", "c"])
vectors = [sorted(found), found["a"].tolist() == one.tolist(), found["b"].tolist() == two_.tolist()]
text = (Path(folder) / "vectors.sqlite").read_bytes()
Path(folder, "vectors.sqlite").write_text("no database" * 500)
vectors += [kept.read(["a"]), KeptVectors("").read(["a"])]
KeptVectors("").keep({"a": one}); KeptVectors("/proc/nowhere").keep({"a": one})
sentences = [f"câu {n}" for n in range(100)]
KeptShares(folder, config, sentences).keep(Shares(np.ones(1), np.ones(2)))
shares_for = [KeptShares(folder, *about).read() is not None for about in (
    (config, sentences[1:]), (config, sentences[5:]), ({**config, "cost": 1}, sentences))]
Path(folder, "shares.json").write_text("{}")
shares_for.append(KeptShares(folder, config, sentences).read() is not None)
json.dump({
    "vectors": vectors,
    "shares_for": shares_for,
    "normal": normal,
    "again": [normalize(text, ShortForms({})) for text in normal],
    "folded": [fold(text) for text in normal],
    "sums": [float(p) for found in (sure, by_words, wordy) for p in found.sum(axis=1)],
    "right": [float((found.argmax(axis=1) == labels).mean()) for found in (sure, by_words, wordy)],
    "two": float((two.argmax(axis=1) == labels[:24]).mean()),
    "restored": [accents.restore(text) for text in ("doi the tam tru", "the bi mat", "", "xyz o dau")],
    "again_restored": accents.restore(fold(accents.restore("doi the can cuoc"))),
}, sys.stdout)
"""
FIXED = {
    "  Làm   THẺ\tở đâu ": "làm thẻ ở đâu",
    "hoà hoá thuỷ khoẻ": "hòa hóa thủy khỏe",
    "hòa hóa thủy khỏe": "hòa hóa thủy khỏe",
    "toàn quốc hoàng": "toàn quốc hoàng",
    "k có CCCD": "không có căn cước công dân",
    "alooooo": "alo",
    "a\u200bb\x00c": "a b c",
    "": "",
}
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.text(
    st.sampled_from("aàâậoòóôuùyỳeèẹđĐHOÀqkclns  .\u0301\u0300\u0323"), max_size=30
)


def some(count: int) -> list[str]:
    """Texts as hypothesis makes them: one process of Python 3.10 looks at all of them."""
    found: list[str] = []

    def keep(text: str) -> bool:
        found.append(text)
        return len(found) >= count

    find(any_text, keep, settings=settings(max_examples=count * 10, database=None, derandomize=True))
    return found


@pytest.fixture(scope="module")
def tried() -> dict[str, list[str]]:
    """What the components make of many texts."""
    if not (NLU / "bin/python").exists():
        if os.environ.get("CI"):
            pytest.fail("CI must have the NLU environment (.venv-nlu)")
        pytest.skip("bỏ qua: chưa có .venv-nlu (make setup)")
    asked = [*FIXED, *some(400)]
    asked += [unicodedata.normalize("NFD", text) for text in asked]
    done = subprocess.run(
        [str(NLU / "bin/python"), "-c", SCRIPT],
        input=json.dumps(asked),
        env={**os.environ, **rasa_environment()},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {"asked": asked, **json.loads(done.stdout)}


def test_spelling_becomes_one(tried: dict[str, list[str]]) -> None:
    assert tried["normal"][: len(FIXED)] == list(FIXED.values())


def test_normalising_twice_changes_nothing(tried: dict[str, list[str]]) -> None:
    differing = [(n, a) for n, a in zip(tried["normal"], tried["again"], strict=True) if n != a]

    assert differing == []


def test_composed_and_decomposed_texts_become_the_same(tried: dict[str, list[str]]) -> None:
    half = len(tried["asked"]) // 2

    assert tried["normal"][:half] == tried["normal"][half:]


def test_folded_text_has_no_accents_and_folds_like_the_product(tried: dict[str, list[str]]) -> None:
    for folded in tried["folded"]:
        assert not any(unicodedata.combining(c) for c in unicodedata.normalize("NFD", folded))
        assert "đ" not in folded


def test_normal_text_is_trimmed_lower_case_on_one_line(tried: dict[str, list[str]]) -> None:
    for text in tried["normal"]:
        assert text == " ".join(text.split())


def test_confidences_add_up_and_the_machine_learns(tried: dict[str, list[str]]) -> None:
    assert tried["sums"] == pytest.approx([1.0] * 108)
    assert tried["right"] == [1.0] * 3
    assert tried["two"] == 1.0


def test_accents_are_put_back_as_the_examples_write_them(tried: dict[str, list[str]]) -> None:
    assert tried["restored"] == ["đổi thẻ tạm trú", "thẻ bị mất", "", "xyz ở đâu"]
    assert tried["again_restored"] == "đổi thẻ căn cước"


def test_vectors_are_kept_by_sentence_and_a_damaged_file_is_as_none(tried: dict[str, list[str]]) -> None:
    assert tried["vectors"] == [["a", "b"], True, True, {}, {}]


def test_shares_are_kept_for_nearly_the_same_sentences_and_the_same_config(tried: dict[str, list[str]]) -> None:
    assert tried["shares_for"] == [True, False, False, False]
