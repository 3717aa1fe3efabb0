export { makeFolder } from './make-folder.ts'
export { ConfigError, isLoopback, processEnvironment, readConfig, type Config } from './read-config.ts'
