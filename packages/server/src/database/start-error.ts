/** The database cannot be opened; the message is one sentence for the operator. */
export class DatabaseStartError extends Error {
  override readonly name: string = 'DatabaseStartError'
}

/** Another process has the data folder open. */
export class DataFolderInUseError extends DatabaseStartError {
  override readonly name = 'DataFolderInUseError'
  readonly folder: string
  /** Process id of the holder, if it could be read. */
  readonly pid: number | undefined

  constructor(folder: string, pid: number | undefined) {
    const holder = pid === undefined ? 'another process' : `process ${pid}`
    super(
      `The data folder ${folder} is in use by ${holder}; stop that one first, set CAUSEWAY_DATA to another folder, ` +
        'or set DATABASE_URL to a PostgreSQL to run several replicas.',
    )
    this.folder = folder
    this.pid = pid
  }
}
