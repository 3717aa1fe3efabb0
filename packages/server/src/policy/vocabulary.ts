/**
 * The Cedar schema of decisions: who asks (an agent in a run, or a key), for what (a model or a tool), in which context.
 * `region` and `team` are "" where there is none. `integrity` is that of all that the model has seen in the session
 * ("trusted", "endorsed", "untrusted"), `flags` are the detectors and patterns of guardrails that have found something in it,
 * `dataClasses` are the classes of data that it may be of, `argumentsFrom` says where the critical arguments of the call come from: "user-stated"
 * or "trusted" when all of them do, "none" when it has none, else "other".
 */
export const policySchema = `
entity Tool = { effect: String, risk: Long, approval: String, egress: Bool };
entity Agent = { tools: Set<Tool> };
entity Key = { role: String };
entity Model = { provider: String, route: String, region: String };

type ToolCircumstances = {
  environment: String, role: String, requestedBy: String, team: String, profile: String, integrity: String, flags: Set<String>,
  dataClasses: Set<String>,   argumentsFrom: String
};
type ModelCircumstances = { environment: String, role: String, requestedBy: String, team: String, dataClasses: Set<String> };

action "call-model" appliesTo { principal: [Agent, Key], resource: [Model], context: ModelCircumstances };
action "call-tool" appliesTo { principal: [Agent], resource: [Tool], context: ToolCircumstances };
action "call-tool-unattended" appliesTo { principal: [Agent], resource: [Tool], context: ToolCircumstances };
`

/**
 * Policies that hold in every environment. A tool call needs `call-tool`, else it is denied; it needs `call-tool-unattended` too,
 * else a person is asked. Tenants add policies beside these; a `forbid` always wins (Cedar).
 */
export const defaultPolicies = `
@id("models-may-be-called")
permit (principal, action == Action::"call-model", resource);

@id("agents-call-their-own-tools")
permit (principal is Agent, action == Action::"call-tool", resource) when { principal.tools.contains(resource) };

@id("reads-run-unattended")
permit (principal, action == Action::"call-tool-unattended", resource) when { resource.effect == "read" && resource.risk <= 3 };

@id("low-risk-writes-run-unattended")
permit (principal, action == Action::"call-tool-unattended", resource) when { resource.effect == "write" && resource.risk <= 2 };

@id("calls-that-the-user-stated-run-unattended")
permit (principal, action == Action::"call-tool-unattended", resource)
when { resource.risk <= 3 && context.argumentsFrom == "user-stated" };
`
