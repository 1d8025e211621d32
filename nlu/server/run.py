"""Start Rasa without the warnings that mean nothing to whoever runs this service.

Rasa 3.6 warns at each start of its own old dependencies, of the domain file that an NLU-only server does not need,
and of metrics that it computes and we do not use. What goes wrong is still raised or logged.

It also fingerprints every sentence after every step of a training, to fill a cache that we turn off (its fingerprints
see a component's class, not the functions it calls), and reads the same file of sentences three times. Both together
took a quarter of the time in which an edit goes live.

Its judging of a model tells the likeliest intent of a sentence and no others; ours tells the next ones, too.
"""

import sys
import typing
import warnings


def _say_nothing(*_: object) -> None:
    """Stand in for `warnings.showwarning`; Rasa and its libraries reset filters, but not this."""


def _fill_no_cache() -> None:
    from rasa.engine.training.hooks import TrainingHook

    TrainingHook.on_before_node = lambda *_, **__: {}
    TrainingHook.on_after_node = lambda *_, **__: None


def _read_sentences_once() -> None:
    from rasa.shared.importers.rasa import RasaFileImporter

    read = RasaFileImporter.get_nlu_data

    def once(importer: RasaFileImporter, language: "str | None" = "en") -> object:
        if not hasattr(importer, "_sentences"):
            importer._sentences = read(importer, language)
        return importer._sentences

    RasaFileImporter.get_nlu_data = once


RANKED = 20
"""Intents told of each judged sentence: beyond these hardly anything is left."""


def _tell_rankings() -> None:
    from rasa.nlu import test

    evaluate = test.run_evaluation

    async def telling(data_path: str, processor: "typing.Any", **options: object) -> "dict[str, typing.Any]":
        rankings, parse = {}, processor.parse_message

        async def remembering(*arguments: object, **more: object) -> "dict[str, typing.Any]":
            result = await parse(*arguments, **more)
            rankings[result.get("text")] = result.get("intent_ranking", [])[:RANKED]
            return result

        processor.parse_message = remembering
        try:
            evaluation = await evaluate(data_path, processor, **options)
        finally:
            del processor.parse_message  # it may be the live model's
        for prediction in evaluation.get("intent_evaluation", {}).get("predictions", ()):
            prediction["ranking"] = rankings.get(prediction["text"], [])
        return evaluation

    test.run_evaluation = telling


def main() -> None:
    """Run `rasa` with this process's arguments."""
    warnings.showwarning = _say_nothing
    from rasa.__main__ import main as rasa

    _fill_no_cache()
    _read_sentences_once()
    _tell_rankings()
    sys.argv[0] = "rasa"
    rasa()


if __name__ == "__main__":
    main()
