"""Hold the fitted weights of the decision, by reader.

Fitted on training questions, with and without an answer in the index, by
``python -m training.fitting.decision``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Weights:
    """What is fitted for one reader: the logistic model, and how sentences are chosen.

    When the best sentence is chosen, to its score (the log-odds of it, where ``likely`` says that
    it is a probability) is added ``place`` times the fused score of its passage and ``votes`` times
    what other articles say for it (see `newsqa.answering.decision`); ``lead`` times log(1 +
    characters before it / 200) is taken off, as news comes first. A further quote scores at least
    ``support`` times as much as the best one, a third one ``third`` times. ``rerank`` is what one
    of log-odds of the best sentence adds to a hit's score where the reader orders hits.
    ``wrong_at_most`` maps a share to the least confidence from which on answers may be given so
    that, of questions drawn like the calibration questions, at most that share is expected to be
    answered wrongly. Source: Angelopoulos et al. 2022, Conformal Risk Control.
    """

    bias: float
    features: Mapping[str, float]
    likely: bool = False
    place: float = 0.0
    votes: float = 0.0
    lead: float = 0.0
    support: float = 0.85
    third: float = 0.0
    rerank: float = 0.0
    wrong_at_most: Mapping[float, float] = field(default_factory=dict)


WEIGHTS: Mapping[str, Weights] = {
    # 493 training questions, half of them fitted; on the other half the AUROC of "right" is .82,
    # that of "answerable" .86 (2026-11-24, --pages 420).
    "none": Weights(-7.132, {"score": 0.216, "margin": 4.572, "names": 0.987, "agreement": 3.151}),
    # 1,371 forms of held-aside questions, half of them fitted; on the other half the AUROC of
    # "right" is .91, that of "answerable" .88 (2026-11-28, --pages 1000 --questions 130).
    "shipped": Weights(
        -2.175,
        {
            "odds": 0.163,
            "relevance": -0.121,
            "no_answer": -0.396,
            "covered": 2.344,
            "kind": 0.11,
            "dense": 0.329,
            "lead": -0.243,
            "missing": -3.585,
            "nowhere": -0.992,
        },
        likely=True,
        place=3.0,
        # By held-aside news quizzes, and by what costs the sample corpus nothing
        # (python -m training.fitting.votes, docs/evaluation.md).
        votes=1.0,
        lead=0.5,
        support=0.2,
        third=0.7,
        rerank=0.07,
        # On one form each of 325 questions that were not fitted.
        wrong_at_most={0.05: 0.513, 0.1: 0.32, 0.15: 0.211, 0.2: 0.153, 0.25: 0.113},
    ),
}
