export { ConfigError, processEnvironment, readConfig, type Config } from './config/index.ts'
export { DatabaseStartError, DataFolderInUseError } from './database/index.ts'
export { startPlatform, type Platform, type PlatformOptions } from './platform.ts'
export { createLogger, type Logger } from './telemetry/index.ts'
