import { Role } from '@causeway/contracts'
import { Option } from 'commander'
import type { DefineCommand } from '../context.ts'
import { listCommand, showList, showObject, type ListOptions } from '../show-list.ts'

/** `causeway users` */
export const defineUsers: DefineCommand = (users, { json, connect }) => {
  listCommand(users, 'list the people of the organisation').action(async (query: ListOptions) => {
    const { client } = await connect()
    await showList(client.users, query, {
      json: json(),
      head: ['user', 'name', 'email', 'role'],
      row: ({ id, name, email, role }) => [id, name, email ?? '', role],
    })
  })
  users
    .command('create <name>')
    .description('add a person')
    .addOption(new Option('--role <role>').choices(Role.options).makeOptionMandatory())
    .option('--email <address>')
    .action(async (name: string, { role, email }: { role: Role; email?: string }) => {
      const { client } = await connect()
      showObject(await client.users.create({ name, role, ...(email && { email }) }), json())
    })
}

/** `causeway teams` */
export const defineTeams: DefineCommand = (teams, { json, connect }) => {
  listCommand(teams, 'list the teams of the organisation').action(async (query: ListOptions) => {
    const { client } = await connect()
    await showList(client.teams, query, {
      json: json(),
      head: ['team', 'name', 'created'],
      row: ({ id, name, createdAt }) => [id, name, createdAt],
    })
  })
  teams
    .command('create <name>')
    .description('add a team')
    .action(async (name: string) => showObject(await (await connect()).client.teams.create({ name }), json()))
}

/** `causeway projects` */
export const defineProjects: DefineCommand = (projects, { json, connect }) => {
  listCommand(projects, 'list the projects that you may use').action(async (query: ListOptions) => {
    const { client } = await connect()
    await showList(client.projects, query, {
      json: json(),
      head: ['project', 'environments', 'team', 'created'],
      row: ({ name, environments, teamId, createdAt }) => [name, environments.join(', '), teamId ?? '', createdAt],
    })
  })
  projects
    .command('create <name>')
    .description('make a project with the environments <name>/dev, <name>/stage and <name>/prod')
    .option('--team <id>', 'only for keys of this team')
    .action(async (name: string, { team }: { team?: string }) => {
      const { client } = await connect()
      showObject(await client.projects.create({ name, ...(team !== undefined && { teamId: team }) }), json())
    })
}
