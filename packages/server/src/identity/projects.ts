import { CausewayError, stages, type CreateProject, type Project } from '@causeway/contracts'
import type { Connection } from '../database/index.ts'
import type { Caller } from '../http/index.ts'
import { environmentsSeenBy, type KeyDependencies } from './api-keys.ts'
import { belongs, insertEnvironment, insertProject, listProjects, lockOrganisation } from './organisation-store.ts'

/** Of one organisation. */
const projectsAtMost = 200

/** Makes a project with its environments. @throws CausewayError conflict, not-found when there is no such team */
export async function createProject(
  { database, audit, authenticator }: KeyDependencies,
  caller: Caller,
  { name, teamId }: CreateProject,
): Promise<Project> {
  const { organisationId, environment, actor } = caller
  const made = await database.transaction(async transaction => {
    await lockOrganisation(transaction, organisationId)
    if (teamId !== undefined && !(await belongs(transaction, 'teams', organisationId, teamId)))
      throw new CausewayError('not-found', `There is no team ${teamId}.`)
    const all = await listProjects(transaction, organisationId)
    if (all.some(each => each.name === name)) throw new CausewayError('conflict', `There already is a project ${name}.`)
    if (all.length >= projectsAtMost)
      throw new CausewayError('conflict', `An organisation has ${projectsAtMost} projects at most.`)
    const project = await insertProject(transaction, organisationId, { name, teamId: teamId ?? null })
    const environments = stages.map(stage => `${name}/${stage}`)
    for (const each of environments) await insertEnvironment(transaction, organisationId, each, project.id)
    await audit.record(transaction, {
      organisationId,
      environment,
      actor,
      action: 'project.created',
      subject: project.id,
      detail: { name, teamId: project.teamId },
    })
    return { ...project, environments }
  })
  authenticator.forget()
  return made
}

/** The projects whose environments a caller may use, by name. */
export async function projectsSeenBy(connection: Connection, caller: Caller): Promise<Project[]> {
  const [projects, environments] = await Promise.all([
    listProjects(connection, caller.organisationId),
    environmentsSeenBy(connection, caller),
  ])
  const own = Map.groupBy(environments, ({ project }) => project)
  return projects
    .flatMap(project => {
      const names = own.get(project.name)?.map(({ name }) => name)
      return names ? [{ ...project, environments: names }] : []
    })
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
}
