export { ConfigError, processEnvironment, readConfig, type Config } from './read-config.ts'
