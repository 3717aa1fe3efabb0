export { makeFolder } from './make-folder.ts'
export { ConfigError, processEnvironment, readConfig, type Config } from './read-config.ts'
