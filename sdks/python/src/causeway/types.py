"""What the API answers. Made from the contracts by `npm run reference`."""

from __future__ import annotations

import sys
from typing import Any, Literal, TypedDict, Union

if sys.version_info >= (3, 11):
    from typing import NotRequired
else:
    from typing_extensions import NotRequired

Label = TypedDict(
    "Label",
    {
        "integrity": Literal["trusted", "endorsed", "untrusted"],
        "readers": Literal["*"] | list[str],
        "origins": list[str],
        "flags": NotRequired[list[str]],
        "dataClasses": NotRequired[list[str]],
    },
)

TracedArgument = TypedDict(
    "TracedArgument",
    {
        "pointer": str,
        "origin": Literal["user-stated", "trusted", "untrusted", "model-made"],
        "from": list[str],
    },
)

RunLimits = TypedDict(
    "RunLimits",
    {
        "steps": int,
        "toolCalls": int,
        "tokens": int,
        "costUsd": float,
        "seconds": float,
    },
)

Spent = TypedDict(
    "Spent",
    {
        "steps": int,
        "toolCalls": int,
        "inputTokens": int,
        "outputTokens": int,
        "nanoUsd": int,
        "seconds": float,
    },
)

DecisionReasons = TypedDict(
    "DecisionReasons",
    {
        "source": Literal["invariant", "policy", "tool"],
        "id": str,
        "message": str,
    },
)

DecisionShadow = TypedDict(
    "DecisionShadow",
    {
        "answer": Literal["allow", "ask", "deny"],
        "reasons": list[DecisionReasons],
    },
)

Decision = TypedDict(
    "Decision",
    {
        "answer": Literal["allow", "ask", "deny"],
        "reasons": list[DecisionReasons],
        "shadow": NotRequired[DecisionShadow],
        "context": NotRequired[Label],
        "arguments": NotRequired[list[TracedArgument]],
    },
)

EventError = TypedDict(
    "EventError",
    {
        "code": Literal["invalid-request", "invalid-json", "invalid-cursor", "invalid-manifest", "invalid-tool-arguments", "invalid-tool-output", "missing-credentials", "invalid-credentials", "missing-right", "environment-mismatch", "policy-denied", "guardrail-blocked", "cross-site-request", "not-found", "unknown-environment", "conflict", "already-decided", "own-request", "review-needed", "queue-full", "session-busy", "idempotency-key-reused", "payload-too-large", "unsupported-media-type", "rate-limited", "budget-exceeded", "limit-exceeded", "model-not-found", "no-provider-available", "provider-failed", "provider-rate-limited", "provider-rejected", "request-refused", "content-refused", "context-too-long", "provider-timeout", "tool-failed", "sandbox-unavailable", "tool-unavailable", "tool-timeout", "tool-changed", "tool-outcome-unknown", "not-recorded", "no-worker", "egress-denied", "secret-not-found", "secret-store-unavailable", "database-unavailable", "not-ready", "shutting-down", "internal"],
        "message": str,
    },
)

Agent = TypedDict(
    "Agent",
    {
        "name": str,
        "version": str,
        "description": str | None,
        "model": str,
        "tools": list[str],
        "limits": RunLimits,
    },
)

ApprovalEdited = TypedDict(
    "ApprovalEdited",
    {
        "arguments": dict[str, Any],
        "binding": str,
    },
)

ApprovalPrevious = TypedDict(
    "ApprovalPrevious",
    {
        "id": str,
        "arguments": dict[str, Any],
        "decidedAt": str,
        "decidedBy": str,
    },
)

Approval = TypedDict(
    "Approval",
    {
        "id": str,
        "environment": str,
        "runId": str,
        "sessionId": str,
        "agent": str,
        "callId": str,
        "tool": str,
        "toolVersion": str,
        "arguments": dict[str, Any],
        "binding": str,
        "decision": Decision,
        "requestedBy": str,
        "status": Literal["pending", "approved", "denied", "expired", "withdrawn"],
        "createdAt": str,
        "expiresAt": str,
        "escalatesAt": str | None,
        "escalatedAt": str | None,
        "needed": int,
        "approvedBy": list[str],
        "decidedAt": str | None,
        "decidedBy": str | None,
        "comment": str | None,
        "assignedTo": NotRequired[str | None],
        "edited": NotRequired[ApprovalEdited | None],
        "previous": NotRequired[ApprovalPrevious | None],
    },
)

ReplayComparisonDivergence = TypedDict(
    "ReplayComparisonDivergence",
    {
        "step": int,
        "what": Literal["calls", "end"],
        "original": Any,
        "replay": Any,
    },
)

ReplayComparison = TypedDict(
    "ReplayComparison",
    {
        "original": str,
        "replay": str,
        "divergence": ReplayComparisonDivergence | None,
    },
)

Run = TypedDict(
    "Run",
    {
        "id": str,
        "sessionId": str,
        "parentRunId": str | None,
        "replayOf": str | None,
        "environment": str,
        "agent": str,
        "agentVersion": str,
        "status": Literal["queued", "running", "waiting", "succeeded", "failed", "cancelled", "limited"],
        "priority": Literal["interactive", "batch", "evaluation"],
        "input": str,
        "output": str | None,
        "reason": str | None,
        "message": str | None,
        "limit": Literal["steps", "toolCalls", "tokens", "costUsd", "seconds"] | None,
        "limits": RunLimits,
        "spent": Spent,
        "rehearsal": bool,
        "requestedBy": str,
        "traceId": str,
        "createdAt": str,
        "updatedAt": str,
        "endedAt": str | None,
    },
)

SessionForkedFrom = TypedDict(
    "SessionForkedFrom",
    {
        "sessionId": str,
        "after": int,
    },
)

SessionHold = TypedDict(
    "SessionHold",
    {
        "reason": str,
        "by": str,
        "at": str,
    },
)

Session = TypedDict(
    "Session",
    {
        "id": str,
        "environment": str,
        "agent": str,
        "agentVersion": str,
        "lastSequence": int,
        "forkedFrom": SessionForkedFrom | None,
        "createdAt": str,
        "erasedAt": str | None,
        "hold": SessionHold | None,
    },
)

UsageTotal = TypedDict(
    "UsageTotal",
    {
        "requests": int,
        "requestsOfRuns": int,
        "failed": int,
        "cacheHits": int,
        "savedNanoUsd": int,
        "inputTokens": int,
        "outputTokens": int,
        "cachedInputTokens": int,
        "nanoUsd": int,
        "exact": int,
        "estimated": int,
        "unpriced": int,
    },
)

UsageGroups = TypedDict(
    "UsageGroups",
    {
        "requests": int,
        "requestsOfRuns": int,
        "failed": int,
        "cacheHits": int,
        "savedNanoUsd": int,
        "inputTokens": int,
        "outputTokens": int,
        "cachedInputTokens": int,
        "nanoUsd": int,
        "exact": int,
        "estimated": int,
        "unpriced": int,
        "group": str | None,
        "label": str | None,
    },
)

UsageBudgetsUsed = TypedDict(
    "UsageBudgetsUsed",
    {
        "requests": int,
        "tokens": int,
        "nanoUsd": int,
        "concurrent": int,
    },
)

UsageBudgetsLimits = TypedDict(
    "UsageBudgetsLimits",
    {
        "requests": int | None,
        "tokens": int | None,
        "nanoUsd": int | None,
        "concurrent": int | None,
    },
)

UsageBudgets = TypedDict(
    "UsageBudgets",
    {
        "name": str,
        "window": Literal["minute", "hour", "day", "month"],
        "each": NotRequired[Literal["key", "user", "team", "agent"]],
        "routes": NotRequired[list[str]],
        "used": UsageBudgetsUsed,
        "limits": UsageBudgetsLimits,
        "resetsAt": str,
    },
)

Usage = TypedDict(
    "Usage",
    {
        "of": Literal["key", "user", "team", "environment", "organisation"],
        "by": Literal["day", "model", "route", "provider", "agent", "team", "user", "key", "environment"] | None,
        "since": str,
        "until": str,
        "total": UsageTotal,
        "groups": list[UsageGroups],
        "cut": bool,
        "budgets": list[UsageBudgets],
    },
)

WorkerCall = TypedDict(
    "WorkerCall",
    {
        "callId": str,
        "tool": str,
        "arguments": dict[str, Any],
        "idempotencyKey": str,
        "runId": str | None,
        "deadline": str,
    },
)

RunCreatedEventDataAttachments = TypedDict(
    "RunCreatedEventDataAttachments",
    {
        "id": str,
        "name": str,
        "mediaType": Literal["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "audio/wav", "audio/mpeg", "text/plain", "text/markdown", "text/csv", "application/json"],
        "bytes": int,
        "sha256": str,
    },
)

RunCreatedEventDataScope = TypedDict(
    "RunCreatedEventDataScope",
    {
        "tools": NotRequired[list[str]],
        "calls": NotRequired[dict[str, int]],
    },
)

RunCreatedEventDataParent = TypedDict(
    "RunCreatedEventDataParent",
    {
        "runId": str,
        "callId": str,
        "agent": str,
    },
)

RunCreatedEventDataInherited = TypedDict(
    "RunCreatedEventDataInherited",
    {
        "context": Label,
        "said": list[str],
    },
)

RunCreatedEventDataReplay = TypedDict(
    "RunCreatedEventDataReplay",
    {
        "runId": str,
        "sessionId": str,
        "model": NotRequired[str],
        "instructions": NotRequired[str],
    },
)

RunCreatedEventDataHistory = TypedDict(
    "RunCreatedEventDataHistory",
    {
        "role": Literal["user", "assistant"],
        "text": str,
    },
)

RunCreatedEventDataCalls = TypedDict(
    "RunCreatedEventDataCalls",
    {
        "callId": str,
        "tool": str,
        "arguments": dict[str, Any] | str,
    },
)

RunCreatedEventData = TypedDict(
    "RunCreatedEventData",
    {
        "agent": str,
        "agentVersion": str,
        "input": str,
        "attachments": NotRequired[list[RunCreatedEventDataAttachments]],
        "limits": RunLimits,
        "scope": NotRequired[RunCreatedEventDataScope],
        "parent": NotRequired[RunCreatedEventDataParent],
        "inherited": NotRequired[RunCreatedEventDataInherited],
        "replay": NotRequired[RunCreatedEventDataReplay],
        "imported": NotRequired[bool],
        "history": NotRequired[list[RunCreatedEventDataHistory]],
        "calls": NotRequired[list[RunCreatedEventDataCalls]],
        "requestedBy": str,
        "traceId": str,
        "parentSpanId": NotRequired[str],
    },
)

RunCreatedEvent = TypedDict(
    "RunCreatedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["run-created"],
        "data": RunCreatedEventData,
    },
)

SegmentStartedEventData = TypedDict(
    "SegmentStartedEventData",
    {
        "segment": int,
        "replica": str,
    },
)

SegmentStartedEvent = TypedDict(
    "SegmentStartedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["segment-started"],
        "data": SegmentStartedEventData,
    },
)

ModelRespondedEventDataUsage = TypedDict(
    "ModelRespondedEventDataUsage",
    {
        "inputTokens": int,
        "outputTokens": int,
        "cachedInputTokens": int,
        "cacheWriteTokens": int,
        "reasoningTokens": int,
    },
)

ModelRespondedEventDataCost = TypedDict(
    "ModelRespondedEventDataCost",
    {
        "nanoUsd": int,
        "status": Literal["exact", "estimated", "unpriced"],
    },
)

ModelRespondedEventDataGuardrails = TypedDict(
    "ModelRespondedEventDataGuardrails",
    {
        "guardrail": str,
        "detector": str,
        "at": Literal["input", "output", "result"],
        "action": Literal["redact", "block", "classify", "flag"],
        "count": int,
    },
)

ModelRespondedEventData = TypedDict(
    "ModelRespondedEventData",
    {
        "step": int,
        "route": str,
        "provider": str,
        "model": str,
        "rehearsal": bool,
        "usage": ModelRespondedEventDataUsage,
        "cost": ModelRespondedEventDataCost,
        "durationMs": float,
        "text": str,
        "toolCalls": list[RunCreatedEventDataCalls],
        "finishReason": str,
        "attempts": int,
        "guardrails": NotRequired[list[ModelRespondedEventDataGuardrails]],
    },
)

ModelRespondedEvent = TypedDict(
    "ModelRespondedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["model-responded"],
        "data": ModelRespondedEventData,
    },
)

ContextCompactedEventData = TypedDict(
    "ContextCompactedEventData",
    {
        "step": int,
        "summary": str,
        "through": int,
        "cited": list[int],
        "keptTurns": int,
        "tokensBefore": int,
        "route": str,
        "provider": str,
        "model": str,
        "rehearsal": bool,
        "usage": ModelRespondedEventDataUsage,
        "cost": ModelRespondedEventDataCost,
        "durationMs": float,
    },
)

ContextCompactedEvent = TypedDict(
    "ContextCompactedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["context-compacted"],
        "data": ContextCompactedEventData,
    },
)

ModelFailedEventData = TypedDict(
    "ModelFailedEventData",
    {
        "step": int,
        "route": str,
        "error": EventError,
        "attempts": int,
    },
)

ModelFailedEvent = TypedDict(
    "ModelFailedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["model-failed"],
        "data": ModelFailedEventData,
    },
)

ModelCalledEventData = TypedDict(
    "ModelCalledEventData",
    {
        "route": str,
        "provider": str | None,
        "model": str | None,
        "rehearsal": bool,
        "usage": ModelRespondedEventDataUsage,
        "cost": ModelRespondedEventDataCost,
        "durationMs": float,
        "requestId": str,
        "outcome": Literal["completed", "failed", "abandoned"],
        "error": NotRequired[Literal["invalid-request", "invalid-json", "invalid-cursor", "invalid-manifest", "invalid-tool-arguments", "invalid-tool-output", "missing-credentials", "invalid-credentials", "missing-right", "environment-mismatch", "policy-denied", "guardrail-blocked", "cross-site-request", "not-found", "unknown-environment", "conflict", "already-decided", "own-request", "review-needed", "queue-full", "session-busy", "idempotency-key-reused", "payload-too-large", "unsupported-media-type", "rate-limited", "budget-exceeded", "limit-exceeded", "model-not-found", "no-provider-available", "provider-failed", "provider-rate-limited", "provider-rejected", "request-refused", "content-refused", "context-too-long", "provider-timeout", "tool-failed", "sandbox-unavailable", "tool-unavailable", "tool-timeout", "tool-changed", "tool-outcome-unknown", "not-recorded", "no-worker", "egress-denied", "secret-not-found", "secret-store-unavailable", "database-unavailable", "not-ready", "shutting-down", "internal"]],
    },
)

ModelCalledEvent = TypedDict(
    "ModelCalledEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["model-called"],
        "data": ModelCalledEventData,
    },
)

ToolCalledEventData = TypedDict(
    "ToolCalledEventData",
    {
        "callId": str,
        "tool": str,
        "toolVersion": str,
        "arguments": dict[str, Any],
        "effectKey": str,
        "decision": Decision,
    },
)

ToolCalledEvent = TypedDict(
    "ToolCalledEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["tool-called"],
        "data": ToolCalledEventData,
    },
)

ToolDeniedEventData = TypedDict(
    "ToolDeniedEventData",
    {
        "callId": str,
        "tool": str,
        "arguments": dict[str, Any] | str,
        "error": EventError,
        "decision": NotRequired[Decision],
    },
)

ToolDeniedEvent = TypedDict(
    "ToolDeniedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["tool-denied"],
        "data": ToolDeniedEventData,
    },
)

ApprovalRequestedEventData = TypedDict(
    "ApprovalRequestedEventData",
    {
        "callId": str,
        "tool": str,
        "approvalId": str,
        "toolVersion": str,
        "arguments": dict[str, Any],
        "binding": str,
        "decision": Decision,
        "expiresAt": str,
    },
)

ApprovalRequestedEvent = TypedDict(
    "ApprovalRequestedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["approval-requested"],
        "data": ApprovalRequestedEventData,
    },
)

ApprovalEscalatedEventData = TypedDict(
    "ApprovalEscalatedEventData",
    {
        "callId": str,
        "tool": str,
        "approvalId": str,
        "expiresAt": str,
    },
)

ApprovalEscalatedEvent = TypedDict(
    "ApprovalEscalatedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["approval-escalated"],
        "data": ApprovalEscalatedEventData,
    },
)

ApprovalDelegatedEventData = TypedDict(
    "ApprovalDelegatedEventData",
    {
        "callId": str,
        "tool": str,
        "approvalId": str,
        "to": str,
        "by": str,
        "comment": str | None,
    },
)

ApprovalDelegatedEvent = TypedDict(
    "ApprovalDelegatedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["approval-delegated"],
        "data": ApprovalDelegatedEventData,
    },
)

NoteAddedEventData = TypedDict(
    "NoteAddedEventData",
    {
        "text": str,
        "by": str,
    },
)

NoteAddedEvent = TypedDict(
    "NoteAddedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["note-added"],
        "data": NoteAddedEventData,
    },
)

ApprovalDecidedEventData = TypedDict(
    "ApprovalDecidedEventData",
    {
        "callId": str,
        "tool": str,
        "approvalId": str,
        "outcome": Literal["approved", "denied", "expired"],
        "decidedBy": str | None,
        "comment": str | None,
        "edited": NotRequired[ApprovalEdited],
    },
)

ApprovalDecidedEvent = TypedDict(
    "ApprovalDecidedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["approval-decided"],
        "data": ApprovalDecidedEventData,
    },
)

ToolRespondedEventDataParts = TypedDict(
    "ToolRespondedEventDataParts",
    {
        "pointer": str,
        "label": Label,
        "modelMade": NotRequired[bool],
    },
)

ToolRespondedEventDataHandle = TypedDict(
    "ToolRespondedEventDataHandle",
    {
        "name": str,
        "told": str,
    },
)

ToolRespondedEventData = TypedDict(
    "ToolRespondedEventData",
    {
        "callId": str,
        "tool": str,
        "outcome": Literal["completed", "failed", "unknown"],
        "output": NotRequired[Any],
        "error": NotRequired[EventError],
        "spent": NotRequired[Spent],
        "label": NotRequired[Label],
        "parts": NotRequired[list[ToolRespondedEventDataParts]],
        "content": NotRequired[list[dict[str, Any]]],
        "handle": NotRequired[ToolRespondedEventDataHandle],
        "guardrails": NotRequired[list[ModelRespondedEventDataGuardrails]],
        "durationMs": float,
        "attempts": int,
        "ageSeconds": NotRequired[float],
    },
)

ToolRespondedEvent = TypedDict(
    "ToolRespondedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["tool-responded"],
        "data": ToolRespondedEventData,
    },
)

QuestionAskedEventData = TypedDict(
    "QuestionAskedEventData",
    {
        "callId": str,
        "tool": str,
        "question": str,
        "options": NotRequired[list[str]],
    },
)

QuestionAskedEvent = TypedDict(
    "QuestionAskedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["question-asked"],
        "data": QuestionAskedEventData,
    },
)

QuestionAnsweredEventData = TypedDict(
    "QuestionAnsweredEventData",
    {
        "callId": str,
        "tool": str,
        "answer": str,
        "answeredBy": str,
    },
)

QuestionAnsweredEvent = TypedDict(
    "QuestionAnsweredEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["question-answered"],
        "data": QuestionAnsweredEventData,
    },
)

PlanMadeEventDataSteps = TypedDict(
    "PlanMadeEventDataSteps",
    {
        "what": str,
        "tool": NotRequired[str],
        "calls": NotRequired[int],
    },
)

PlanMadeEventData = TypedDict(
    "PlanMadeEventData",
    {
        "callId": str,
        "tool": str,
        "steps": list[PlanMadeEventDataSteps],
        "mustAsk": bool,
    },
)

PlanMadeEvent = TypedDict(
    "PlanMadeEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["plan-made"],
        "data": PlanMadeEventData,
    },
)

HandedOffEventData = TypedDict(
    "HandedOffEventData",
    {
        "callId": str,
        "tool": str,
        "from": str,
        "agent": str,
        "reason": NotRequired[str],
        "agentVersion": str,
    },
)

HandedOffEvent = TypedDict(
    "HandedOffEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["handed-off"],
        "data": HandedOffEventData,
    },
)

OutputRejectedEventData = TypedDict(
    "OutputRejectedEventData",
    {
        "step": int,
        "problem": str,
    },
)

OutputRejectedEvent = TypedDict(
    "OutputRejectedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["output-rejected"],
        "data": OutputRejectedEventData,
    },
)

AnswerEvaluatedEventData = TypedDict(
    "AnswerEvaluatedEventData",
    {
        "step": int,
        "accepted": bool,
        "feedback": str,
        "route": str,
        "provider": str,
        "model": str,
        "rehearsal": bool,
        "usage": ModelRespondedEventDataUsage,
        "cost": ModelRespondedEventDataCost,
        "durationMs": float,
    },
)

AnswerEvaluatedEvent = TypedDict(
    "AnswerEvaluatedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["answer-evaluated"],
        "data": AnswerEvaluatedEventData,
    },
)

ToolAcceptedEventData = TypedDict(
    "ToolAcceptedEventData",
    {
        "callId": str,
        "tool": str,
        "reference": str | None,
        "checkAt": str | None,
        "until": str,
    },
)

ToolAcceptedEvent = TypedDict(
    "ToolAcceptedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["tool-accepted"],
        "data": ToolAcceptedEventData,
    },
)

ChildStartedEventData = TypedDict(
    "ChildStartedEventData",
    {
        "callId": str,
        "tool": str,
        "agent": str,
        "runId": str,
        "sessionId": str,
    },
)

ChildStartedEvent = TypedDict(
    "ChildStartedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["child-started"],
        "data": ChildStartedEventData,
    },
)

CancelRequestedEventData = TypedDict(
    "CancelRequestedEventData",
    {
        "requestedBy": str,
    },
)

CancelRequestedEvent = TypedDict(
    "CancelRequestedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["cancel-requested"],
        "data": CancelRequestedEventData,
    },
)

RunEndedEventData = TypedDict(
    "RunEndedEventData",
    {
        "status": Literal["succeeded", "failed", "cancelled", "limited"],
        "reason": str,
        "limit": NotRequired[Literal["steps", "toolCalls", "tokens", "costUsd", "seconds"]],
        "message": NotRequired[str],
        "output": str | None,
        "spent": Spent,
    },
)

RunEndedEvent = TypedDict(
    "RunEndedEvent",
    {
        "sequence": int,
        "sessionId": str,
        "runId": str,
        "at": str,
        "schemaVersion": int,
        "type": Literal["run-ended"],
        "data": RunEndedEventData,
    },
)

SessionEvent = Union[RunCreatedEvent, SegmentStartedEvent, ModelRespondedEvent, ContextCompactedEvent, ModelFailedEvent, ModelCalledEvent, ToolCalledEvent, ToolDeniedEvent, ApprovalRequestedEvent, ApprovalEscalatedEvent, ApprovalDelegatedEvent, NoteAddedEvent, ApprovalDecidedEvent, ToolRespondedEvent, QuestionAskedEvent, QuestionAnsweredEvent, PlanMadeEvent, HandedOffEvent, OutputRejectedEvent, AnswerEvaluatedEvent, ToolAcceptedEvent, ChildStartedEvent, CancelRequestedEvent, RunEndedEvent]
