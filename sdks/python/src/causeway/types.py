"""What the API answers. Made from the contracts by `npm run reference`."""

from __future__ import annotations

import sys
from typing import Any, Literal, TypedDict, Union

if sys.version_info >= (3, 11):
    from typing import NotRequired
else:
    from typing_extensions import NotRequired

AgentLimits = TypedDict(
    "AgentLimits",
    {
        "steps": int,
        "toolCalls": int,
        "tokens": int,
        "costUsd": float,
        "seconds": float,
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
        "limits": AgentLimits,
    },
)

ApprovalDecisionReasons = TypedDict(
    "ApprovalDecisionReasons",
    {
        "source": Literal["invariant", "policy", "tool"],
        "id": str,
        "message": str,
    },
)

ApprovalDecisionShadowReasons = TypedDict(
    "ApprovalDecisionShadowReasons",
    {
        "source": Literal["invariant", "policy", "tool"],
        "id": str,
        "message": str,
    },
)

ApprovalDecisionShadow = TypedDict(
    "ApprovalDecisionShadow",
    {
        "answer": Literal["allow", "ask", "deny"],
        "reasons": list[ApprovalDecisionShadowReasons],
    },
)

ApprovalDecisionContext = TypedDict(
    "ApprovalDecisionContext",
    {
        "integrity": Literal["trusted", "endorsed", "untrusted"],
        "readers": Literal["*"] | list[str],
        "origins": list[str],
    },
)

ApprovalDecisionArguments = TypedDict(
    "ApprovalDecisionArguments",
    {
        "pointer": str,
        "origin": Literal["user-stated", "trusted", "untrusted", "model-made"],
        "from": list[str],
    },
)

ApprovalDecision = TypedDict(
    "ApprovalDecision",
    {
        "answer": Literal["allow", "ask", "deny"],
        "reasons": list[ApprovalDecisionReasons],
        "shadow": NotRequired[ApprovalDecisionShadow],
        "context": NotRequired[ApprovalDecisionContext],
        "arguments": NotRequired[list[ApprovalDecisionArguments]],
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
        "decision": ApprovalDecision,
        "requestedBy": str,
        "status": Literal["pending", "approved", "denied", "expired", "withdrawn"],
        "createdAt": str,
        "expiresAt": str,
        "decidedAt": str | None,
        "decidedBy": str | None,
        "comment": str | None,
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

RunSpent = TypedDict(
    "RunSpent",
    {
        "steps": int,
        "toolCalls": int,
        "inputTokens": int,
        "outputTokens": int,
        "nanoUsd": int,
        "seconds": float,
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
        "input": str,
        "output": str | None,
        "reason": str | None,
        "message": str | None,
        "limit": Literal["steps", "toolCalls", "tokens", "costUsd", "seconds"] | None,
        "limits": RunLimits,
        "spent": RunSpent,
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
        "of": Literal["key", "user", "team", "environment"],
        "by": Literal["day", "model", "route", "provider", "team", "user", "key"] | None,
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

RunCreatedEventDataLimits = TypedDict(
    "RunCreatedEventDataLimits",
    {
        "steps": int,
        "toolCalls": int,
        "tokens": int,
        "costUsd": float,
        "seconds": float,
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

RunCreatedEventDataInheritedContext = TypedDict(
    "RunCreatedEventDataInheritedContext",
    {
        "integrity": Literal["trusted", "endorsed", "untrusted"],
        "readers": Literal["*"] | list[str],
        "origins": list[str],
    },
)

RunCreatedEventDataInherited = TypedDict(
    "RunCreatedEventDataInherited",
    {
        "context": RunCreatedEventDataInheritedContext,
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
        "limits": RunCreatedEventDataLimits,
        "scope": NotRequired[RunCreatedEventDataScope],
        "parent": NotRequired[RunCreatedEventDataParent],
        "inherited": NotRequired[RunCreatedEventDataInherited],
        "replay": NotRequired[RunCreatedEventDataReplay],
        "history": NotRequired[list[RunCreatedEventDataHistory]],
        "calls": NotRequired[list[RunCreatedEventDataCalls]],
        "requestedBy": str,
        "traceId": str,
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

ModelRespondedEventDataToolCalls = TypedDict(
    "ModelRespondedEventDataToolCalls",
    {
        "callId": str,
        "tool": str,
        "arguments": dict[str, Any] | str,
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
        "at": Literal["input", "output"],
        "action": Literal["redact", "block", "classify"],
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
        "text": str,
        "toolCalls": list[ModelRespondedEventDataToolCalls],
        "finishReason": str,
        "usage": ModelRespondedEventDataUsage,
        "cost": ModelRespondedEventDataCost,
        "durationMs": float,
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

ModelFailedEventDataError = TypedDict(
    "ModelFailedEventDataError",
    {
        "code": Literal["invalid-request", "invalid-json", "invalid-cursor", "invalid-manifest", "invalid-tool-arguments", "invalid-tool-output", "missing-credentials", "invalid-credentials", "missing-right", "environment-mismatch", "policy-denied", "guardrail-blocked", "cross-site-request", "not-found", "unknown-environment", "conflict", "already-decided", "own-request", "review-needed", "session-busy", "idempotency-key-reused", "payload-too-large", "unsupported-media-type", "rate-limited", "budget-exceeded", "limit-exceeded", "model-not-found", "no-provider-available", "provider-failed", "provider-rate-limited", "provider-rejected", "request-refused", "content-refused", "context-too-long", "provider-timeout", "tool-failed", "tool-unavailable", "tool-timeout", "tool-changed", "tool-outcome-unknown", "not-recorded", "no-worker", "egress-denied", "secret-not-found", "secret-store-unavailable", "database-unavailable", "not-ready", "shutting-down", "internal"],
        "message": str,
    },
)

ModelFailedEventData = TypedDict(
    "ModelFailedEventData",
    {
        "step": int,
        "route": str,
        "error": ModelFailedEventDataError,
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

ToolCalledEventDataDecisionReasons = TypedDict(
    "ToolCalledEventDataDecisionReasons",
    {
        "source": Literal["invariant", "policy", "tool"],
        "id": str,
        "message": str,
    },
)

ToolCalledEventDataDecisionShadowReasons = TypedDict(
    "ToolCalledEventDataDecisionShadowReasons",
    {
        "source": Literal["invariant", "policy", "tool"],
        "id": str,
        "message": str,
    },
)

ToolCalledEventDataDecisionShadow = TypedDict(
    "ToolCalledEventDataDecisionShadow",
    {
        "answer": Literal["allow", "ask", "deny"],
        "reasons": list[ToolCalledEventDataDecisionShadowReasons],
    },
)

ToolCalledEventDataDecisionContext = TypedDict(
    "ToolCalledEventDataDecisionContext",
    {
        "integrity": Literal["trusted", "endorsed", "untrusted"],
        "readers": Literal["*"] | list[str],
        "origins": list[str],
    },
)

ToolCalledEventDataDecisionArguments = TypedDict(
    "ToolCalledEventDataDecisionArguments",
    {
        "pointer": str,
        "origin": Literal["user-stated", "trusted", "untrusted", "model-made"],
        "from": list[str],
    },
)

ToolCalledEventDataDecision = TypedDict(
    "ToolCalledEventDataDecision",
    {
        "answer": Literal["allow", "ask", "deny"],
        "reasons": list[ToolCalledEventDataDecisionReasons],
        "shadow": NotRequired[ToolCalledEventDataDecisionShadow],
        "context": NotRequired[ToolCalledEventDataDecisionContext],
        "arguments": NotRequired[list[ToolCalledEventDataDecisionArguments]],
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
        "decision": ToolCalledEventDataDecision,
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

ToolDeniedEventDataError = TypedDict(
    "ToolDeniedEventDataError",
    {
        "code": Literal["invalid-request", "invalid-json", "invalid-cursor", "invalid-manifest", "invalid-tool-arguments", "invalid-tool-output", "missing-credentials", "invalid-credentials", "missing-right", "environment-mismatch", "policy-denied", "guardrail-blocked", "cross-site-request", "not-found", "unknown-environment", "conflict", "already-decided", "own-request", "review-needed", "session-busy", "idempotency-key-reused", "payload-too-large", "unsupported-media-type", "rate-limited", "budget-exceeded", "limit-exceeded", "model-not-found", "no-provider-available", "provider-failed", "provider-rate-limited", "provider-rejected", "request-refused", "content-refused", "context-too-long", "provider-timeout", "tool-failed", "tool-unavailable", "tool-timeout", "tool-changed", "tool-outcome-unknown", "not-recorded", "no-worker", "egress-denied", "secret-not-found", "secret-store-unavailable", "database-unavailable", "not-ready", "shutting-down", "internal"],
        "message": str,
    },
)

ToolDeniedEventDataDecisionReasons = TypedDict(
    "ToolDeniedEventDataDecisionReasons",
    {
        "source": Literal["invariant", "policy", "tool"],
        "id": str,
        "message": str,
    },
)

ToolDeniedEventDataDecisionShadowReasons = TypedDict(
    "ToolDeniedEventDataDecisionShadowReasons",
    {
        "source": Literal["invariant", "policy", "tool"],
        "id": str,
        "message": str,
    },
)

ToolDeniedEventDataDecisionShadow = TypedDict(
    "ToolDeniedEventDataDecisionShadow",
    {
        "answer": Literal["allow", "ask", "deny"],
        "reasons": list[ToolDeniedEventDataDecisionShadowReasons],
    },
)

ToolDeniedEventDataDecisionContext = TypedDict(
    "ToolDeniedEventDataDecisionContext",
    {
        "integrity": Literal["trusted", "endorsed", "untrusted"],
        "readers": Literal["*"] | list[str],
        "origins": list[str],
    },
)

ToolDeniedEventDataDecisionArguments = TypedDict(
    "ToolDeniedEventDataDecisionArguments",
    {
        "pointer": str,
        "origin": Literal["user-stated", "trusted", "untrusted", "model-made"],
        "from": list[str],
    },
)

ToolDeniedEventDataDecision = TypedDict(
    "ToolDeniedEventDataDecision",
    {
        "answer": Literal["allow", "ask", "deny"],
        "reasons": list[ToolDeniedEventDataDecisionReasons],
        "shadow": NotRequired[ToolDeniedEventDataDecisionShadow],
        "context": NotRequired[ToolDeniedEventDataDecisionContext],
        "arguments": NotRequired[list[ToolDeniedEventDataDecisionArguments]],
    },
)

ToolDeniedEventData = TypedDict(
    "ToolDeniedEventData",
    {
        "callId": str,
        "tool": str,
        "arguments": dict[str, Any] | str,
        "error": ToolDeniedEventDataError,
        "decision": NotRequired[ToolDeniedEventDataDecision],
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

ApprovalRequestedEventDataDecisionReasons = TypedDict(
    "ApprovalRequestedEventDataDecisionReasons",
    {
        "source": Literal["invariant", "policy", "tool"],
        "id": str,
        "message": str,
    },
)

ApprovalRequestedEventDataDecisionShadowReasons = TypedDict(
    "ApprovalRequestedEventDataDecisionShadowReasons",
    {
        "source": Literal["invariant", "policy", "tool"],
        "id": str,
        "message": str,
    },
)

ApprovalRequestedEventDataDecisionShadow = TypedDict(
    "ApprovalRequestedEventDataDecisionShadow",
    {
        "answer": Literal["allow", "ask", "deny"],
        "reasons": list[ApprovalRequestedEventDataDecisionShadowReasons],
    },
)

ApprovalRequestedEventDataDecisionContext = TypedDict(
    "ApprovalRequestedEventDataDecisionContext",
    {
        "integrity": Literal["trusted", "endorsed", "untrusted"],
        "readers": Literal["*"] | list[str],
        "origins": list[str],
    },
)

ApprovalRequestedEventDataDecisionArguments = TypedDict(
    "ApprovalRequestedEventDataDecisionArguments",
    {
        "pointer": str,
        "origin": Literal["user-stated", "trusted", "untrusted", "model-made"],
        "from": list[str],
    },
)

ApprovalRequestedEventDataDecision = TypedDict(
    "ApprovalRequestedEventDataDecision",
    {
        "answer": Literal["allow", "ask", "deny"],
        "reasons": list[ApprovalRequestedEventDataDecisionReasons],
        "shadow": NotRequired[ApprovalRequestedEventDataDecisionShadow],
        "context": NotRequired[ApprovalRequestedEventDataDecisionContext],
        "arguments": NotRequired[list[ApprovalRequestedEventDataDecisionArguments]],
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
        "decision": ApprovalRequestedEventDataDecision,
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

ApprovalDecidedEventData = TypedDict(
    "ApprovalDecidedEventData",
    {
        "callId": str,
        "tool": str,
        "approvalId": str,
        "outcome": Literal["approved", "denied", "expired"],
        "decidedBy": str | None,
        "comment": str | None,
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

ToolRespondedEventDataError = TypedDict(
    "ToolRespondedEventDataError",
    {
        "code": Literal["invalid-request", "invalid-json", "invalid-cursor", "invalid-manifest", "invalid-tool-arguments", "invalid-tool-output", "missing-credentials", "invalid-credentials", "missing-right", "environment-mismatch", "policy-denied", "guardrail-blocked", "cross-site-request", "not-found", "unknown-environment", "conflict", "already-decided", "own-request", "review-needed", "session-busy", "idempotency-key-reused", "payload-too-large", "unsupported-media-type", "rate-limited", "budget-exceeded", "limit-exceeded", "model-not-found", "no-provider-available", "provider-failed", "provider-rate-limited", "provider-rejected", "request-refused", "content-refused", "context-too-long", "provider-timeout", "tool-failed", "tool-unavailable", "tool-timeout", "tool-changed", "tool-outcome-unknown", "not-recorded", "no-worker", "egress-denied", "secret-not-found", "secret-store-unavailable", "database-unavailable", "not-ready", "shutting-down", "internal"],
        "message": str,
    },
)

ToolRespondedEventDataSpent = TypedDict(
    "ToolRespondedEventDataSpent",
    {
        "steps": int,
        "toolCalls": int,
        "inputTokens": int,
        "outputTokens": int,
        "nanoUsd": int,
        "seconds": float,
    },
)

ToolRespondedEventDataLabel = TypedDict(
    "ToolRespondedEventDataLabel",
    {
        "integrity": Literal["trusted", "endorsed", "untrusted"],
        "readers": Literal["*"] | list[str],
        "origins": list[str],
    },
)

ToolRespondedEventDataPartsLabel = TypedDict(
    "ToolRespondedEventDataPartsLabel",
    {
        "integrity": Literal["trusted", "endorsed", "untrusted"],
        "readers": Literal["*"] | list[str],
        "origins": list[str],
    },
)

ToolRespondedEventDataParts = TypedDict(
    "ToolRespondedEventDataParts",
    {
        "pointer": str,
        "label": ToolRespondedEventDataPartsLabel,
    },
)

ToolRespondedEventData = TypedDict(
    "ToolRespondedEventData",
    {
        "callId": str,
        "tool": str,
        "outcome": Literal["completed", "failed", "unknown"],
        "output": NotRequired[Any],
        "error": NotRequired[ToolRespondedEventDataError],
        "spent": NotRequired[ToolRespondedEventDataSpent],
        "label": NotRequired[ToolRespondedEventDataLabel],
        "parts": NotRequired[list[ToolRespondedEventDataParts]],
        "durationMs": float,
        "attempts": int,
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

RunEndedEventDataSpent = TypedDict(
    "RunEndedEventDataSpent",
    {
        "steps": int,
        "toolCalls": int,
        "inputTokens": int,
        "outputTokens": int,
        "nanoUsd": int,
        "seconds": float,
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
        "spent": RunEndedEventDataSpent,
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

SessionEvent = Union[RunCreatedEvent, SegmentStartedEvent, ModelRespondedEvent, ModelFailedEvent, ToolCalledEvent, ToolDeniedEvent, ApprovalRequestedEvent, ApprovalDecidedEvent, ToolRespondedEvent, QuestionAskedEvent, QuestionAnsweredEvent, OutputRejectedEvent, ChildStartedEvent, CancelRequestedEvent, RunEndedEvent]
