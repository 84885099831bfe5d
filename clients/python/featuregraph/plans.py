"""What applying definitions would do, as a terminal and as a notebook shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from json import dumps
from typing import TypeVar

from .errors import Issue
from .generated.fragments import GrantDone, StepDone
from .generated.plan import PlanPlan

Done = TypeVar("Done", StepDone, GrantDone)

_MARKS = {"CREATE": "+", "UPDATE": "~", "REPLACE": "-/+", "CONFLICT": "!", "UNCHANGED": " "}
_COLORS = {"CREATE": "#1a7f37", "UPDATE": "#9a6700", "REPLACE": "#9a6700", "CONFLICT": "#cf222e"}


@dataclass(frozen=True)
class PlannedJob:
    kind: str
    ref: str | None


@dataclass(frozen=True)
class Plan:
    """Steps and grants in the order in which they would be done, what is wrong, and the jobs that would start."""

    steps: Sequence[StepDone]
    grants: Sequence[GrantDone]
    issues: Sequence[Issue]
    notes: Sequence[Issue]
    jobs: Sequence[PlannedJob]

    @property
    def is_empty(self) -> bool:
        """Whether applying would change nothing."""
        return not self.issues and not _changed(self.steps) and not _changed(self.grants)

    def __str__(self) -> str:
        lines = [line for step in _changed(self.steps) for line in _step_lines(step)]
        lines += [_grant_line(one) for one in _changed(self.grants)]
        lines += [f"! {one.path}: {one.message}{f' {one.fix}' if one.fix else ''}" for one in self.issues]
        lines += [f"# {one.path}: {one.message}{f' {one.fix}' if one.fix else ''}" for one in self.notes]
        lines += [f"> {job.kind} {job.ref or ''}".rstrip() for job in self.jobs]
        return "\n".join([*lines, summary([*self.steps, *self.grants])])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        rows = "".join(_step_row(step) for step in _changed(self.steps))
        rows += "".join(_grant_row(one) for one in _changed(self.grants))
        said = "".join(_said(one, "#cf222e") for one in self.issues)
        said += "".join(_said(one, "inherit") for one in self.notes)
        jobs = ", ".join(escape(f"{job.kind} {job.ref or ''}".strip()) for job in self.jobs)
        return (
            f"<div><table>{rows}</table>{f'<ul>{said}</ul>' if said else ''}"
            f"<p>{escape(summary([*self.steps, *self.grants]))}{f' Jobs: {jobs}.' if jobs else ''}</p></div>"
        )


def plan_of(answer: PlanPlan) -> Plan:
    return Plan(
        steps=answer.steps,
        grants=answer.grants,
        issues=[Issue(one.path, one.message, one.fix) for one in answer.issues],
        notes=[Issue(one.path, one.message, one.fix) for one in answer.notes],
        jobs=[PlannedJob(job.kind.value, job.ref) for job in answer.jobs],
    )


def summary(steps: Sequence[StepDone | GrantDone]) -> str:
    counts: dict[str, int] = {}
    for step in steps:
        counts[step.action.value] = counts.get(step.action.value, 0) + 1
    said = ", ".join(f"{count} {action.lower()}" for action, count in counts.items())
    return f"Plan: {said or 'nothing'}."


def _changed(steps: Sequence[Done]) -> list[Done]:
    return [step for step in steps if step.action.value != "UNCHANGED"]


def _step_lines(step: StepDone) -> list[str]:
    head = f"{_MARKS.get(step.action.value, '?')} {step.kind.value.lower()} {step.ref}"
    changes = [f"    {one.path}: {_shown(one.before)} -> {_shown(one.after)}" for one in step.changes]
    return [head, *changes]


def _grant_line(one: GrantDone) -> str:
    values = ", for sensitive values too" if one.sensitive else ""
    return f"{_MARKS.get(one.action.value, '?')} grant {one.description}{values}"


def _said(one: Issue, color: str) -> str:
    words = f"{escape(one.message)} {escape(one.fix or '')}".rstrip()
    return f'<li style="color:{color}"><code>{escape(one.path)}</code>: {words}</li>'


def _grant_row(one: GrantDone) -> str:
    color = _COLORS.get(one.action.value, "inherit")
    return (
        f'<tr><td style="color:{color}"><b>{escape(one.action.value.lower())}</b></td>'
        f'<td style="text-align:left" colspan="2">{escape(_grant_line(one)[2:])}</td></tr>'
    )


def _step_row(step: StepDone) -> str:
    color = _COLORS.get(step.action.value, "inherit")
    changes = "<br>".join(
        f"<code>{escape(one.path)}</code>: <del>{escape(_shown(one.before))}</del> "
        f"<ins>{escape(_shown(one.after))}</ins>"
        for one in step.changes
    )
    return (
        f'<tr><td style="color:{color}"><b>{escape(step.action.value.lower())}</b></td>'
        f'<td style="text-align:left">{escape(step.kind.value.lower())} <code>{escape(step.ref)}</code></td>'
        f'<td style="text-align:left">{changes}</td></tr>'
    )


def _shown(value: object) -> str:
    return "nothing" if value is None else dumps(value, ensure_ascii=False)
