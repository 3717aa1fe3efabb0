/** The tier that a provider served a call in, by which its price differs. */
export const serviceTiers = {
  name: '0014-service-tiers',
  sql: `
alter table model_calls add column service_tier text;
`,
} as const
