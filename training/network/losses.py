"""The forward pass over groups and what each head is taught.

Sentences, passages and spans are each normalised over all passages of one question, so that
scores can be compared between passages (Karpukhin et al. 2020, dense passage retrieval readers).
Near misses are also ranked against the answerable questions of the same passage, by a margin
(Burges et al. 2005, RankNet, with a margin): no-answer logits, the evidence of the best sentence,
and the span that a careless reader would take against the right one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from training.data.encoding import Row
from training.data.groups import Group
from training.network.model import ReaderNet

MARGIN = 1.0  # in logits


@dataclass(slots=True)
class Scores:
    """Of the rows of a batch, in their order: flat token logits, and passage logits.

    `starts[i]` is where row i begins in the flat token axis.
    """

    tokens: Tensor
    passages: Tensor
    starts: list[int]


def forward(net: ReaderNet, rows: Sequence[Row], bucket: int, bf16: bool) -> Scores:
    """Runs rows in buckets of like length, which keeps padding small."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
    device = next(net.parameters()).device
    tokens: list[Tensor] = []
    passages: list[Tensor] = []
    starts = [0] * len(rows)
    total = 0
    for at in range(0, len(order), bucket):
        part = [rows[i] for i in order[at : at + bucket]]
        ids, mask, segments = (x.to(device) for x in padded(part))
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            token_logits, passage_logits = net(ids, mask, segments)
        for n, i in enumerate(order[at : at + bucket]):
            starts[i] = total + n * ids.shape[1]
        total += ids.numel()
        tokens.append(token_logits.float().reshape(-1, token_logits.shape[-1]))
        passages.append(passage_logits.float())
    back = torch.tensor(order, device=device).argsort()
    return Scores(torch.cat(tokens), torch.cat(passages)[back], starts)


def padded(rows: Sequence[Row]) -> tuple[Tensor, Tensor, Tensor]:
    """Token numbers, mask and segments of rows, padded at the end."""
    width = -(-max(len(r.ids) for r in rows) // 8) * 8  # fewer shapes, fewer kernels to build
    ids = torch.zeros((len(rows), width), dtype=torch.long)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    segments = torch.zeros((len(rows), width), dtype=torch.long)
    for n, row in enumerate(rows):
        size = len(row.ids)
        ids[n, :size] = torch.tensor(row.ids)
        mask[n, :size] = 1
        segments[n, row.segment : size] = 1
    return ids, mask, segments


def sentence_means(scores: Scores, rows: Sequence[Row]) -> Tensor:
    """Mean evidence logit of each sentence, rows and sentences in order."""
    places: list[Tensor] = []
    owner: list[Tensor] = []
    count = 0
    for start, row in zip(scores.starts, rows, strict=True):
        for _, a, b in row.sentences:
            places.append(torch.arange(start + a, start + b))
            owner.append(torch.full((b - a,), count))
            count += 1
    where = torch.cat(owner).to(scores.tokens.device)
    values = scores.tokens[torch.cat(places).to(where.device), 0]
    sums = torch.zeros(count, device=where.device).index_add(0, where, values)
    sizes = torch.zeros(count, device=where.device).index_add(0, where, torch.ones_like(values))
    return sums / sizes


def losses(scores: Scores, groups: Sequence[Group]) -> dict[str, Tensor]:
    """Each loss, averaged over the groups (or rows, sentences) it applies to."""
    rows = [row for group in groups for row in group]
    means = sentence_means(scores, rows)
    labels = torch.tensor([n for r in rows for n in r.labels], device=means.device)
    answers = torch.tensor([float(r.answers) for r in rows], device=means.device)
    alone = torch.tensor([r.alone for r in rows], device=means.device)
    known = labels >= 0
    relevance, no_answer = scores.passages[:, 0], scores.passages[:, 1]
    parts: dict[str, Tensor] = {
        "sentence_yes": functional.binary_cross_entropy_with_logits(
            means[known], labels[known].float()
        ),
        "no_answer": functional.binary_cross_entropy_with_logits(no_answer, 1.0 - answers),
        "relevance": functional.binary_cross_entropy_with_logits(
            relevance[~alone], answers[~alone]
        ),
    }
    by_group = _shared(scores, groups, means, labels, relevance)
    for name, values in by_group.items():
        if values:
            parts[name] = torch.stack(values).mean()
    return parts | near_miss_losses(scores, rows, means)


def near_miss_losses(scores: Scores, rows: Sequence[Row], means: Tensor) -> dict[str, Tensor]:
    """The ranking losses over pairs of an answerable question and a near miss of one passage."""
    pairs = [
        (yes, no)
        for yes, row in enumerate(rows)
        for no, other in enumerate(rows)
        if row.answers and row.twins and row.twins == other.twins and not other.answers
    ]
    if not pairs:
        return {}
    no_answer, best, spans = scores.passages[:, 1], _best_sentences(rows, means), []
    parts = {
        "rank": torch.stack([no_answer[yes] - no_answer[no] for yes, no in pairs]) + MARGIN,
        "rank_evidence": torch.stack([best[no] - best[yes] for yes, no in pairs]) + MARGIN,
    }
    for yes, no in pairs:
        if rows[yes].starts and rows[no].decoys:
            right = zip(rows[yes].starts, rows[yes].ends, strict=False)
            best_right = _span_logit(scores, yes, list(right))
            spans.append(_span_logit(scores, no, rows[no].decoys) - best_right + 2 * MARGIN)
    if spans:
        parts["decoy"] = torch.stack(spans)
    return {name: functional.softplus(gaps).mean() for name, gaps in parts.items()}


def _best_sentences(rows: Sequence[Row], means: Tensor) -> list[Tensor]:
    """Of each row the evidence of a right sentence where it has one, else of the best one."""
    found, at = [], 0
    for row in rows:
        values = means[at : at + len(row.sentences)]
        at += len(row.sentences)
        right = [n for n, label in enumerate(row.labels) if label == 1]
        found.append(values[right].max() if right else values.max())
    return found


def _span_logit(scores: Scores, row: int, spans: Sequence[tuple[int, int]]) -> Tensor:
    """The highest start plus end logit of some spans of a row."""
    tokens, shift = scores.tokens, scores.starts[row]
    return torch.stack([tokens[shift + a, 1] + tokens[shift + b, 2] for a, b in spans]).max()


def _shared(
    scores: Scores, groups: Sequence[Group], means: Tensor, labels: Tensor, relevance: Tensor
) -> dict[str, list[Tensor]]:
    found: dict[str, list[Tensor]] = {"sentence": [], "passage": [], "span": []}
    row_at = sentence_at = 0
    for group in groups:
        together = [n for n, r in enumerate(group) if not r.alone]
        places: list[int] = []
        for n, row in enumerate(group):
            if n in together:
                places += range(sentence_at, sentence_at + len(row.sentences))
            sentence_at += len(row.sentences)
        if group[0].answers:
            chosen = labels[places]
            found["sentence"].append(_nll(means[places][chosen >= 0], chosen[chosen >= 0] == 1))
            if len(together) > 1:
                right = torch.tensor([group[n].answers for n in together], device=means.device)
                found["passage"].append(_nll(relevance[[row_at + n for n in together]], right))
            if any(group[n].starts for n in together):
                kept = [(scores.starts[row_at + n], group[n]) for n in together]
                found["span"].append(_span(scores.tokens, kept))
        row_at += len(group)
    return found


def _nll(logits: Tensor, right: Tensor) -> Tensor:
    """Minus the log of the share of probability on what is right."""
    return torch.logsumexp(logits, 0) - torch.logsumexp(logits[right], 0)


def _span(tokens: Tensor, rows: Sequence[tuple[int, Row]]) -> Tensor:
    total = tokens.new_zeros(())
    for column, name in ((1, "starts"), (2, "ends")):
        logits = torch.cat([tokens[s + r.body[0] : s + r.body[1], column] for s, r in rows])
        right = torch.zeros(len(logits), dtype=torch.bool, device=tokens.device)
        shift = 0
        for _, row in rows:
            for place in getattr(row, name):
                right[shift + place - row.body[0]] = True
            shift += row.body[1] - row.body[0]
        total = total + 0.5 * _nll(logits, right)
    return total
