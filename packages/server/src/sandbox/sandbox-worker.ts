import { parentPort } from 'node:worker_threads'
import { newEngine, runProgram } from './run-program.ts'
import type { SandboxCall } from './sandbox.ts'

const port = parentPort
if (!port) throw new Error('This file is run as a worker thread.')

const engine = await newEngine()
port.on('message', (call: SandboxCall) => port.postMessage(runProgram(engine, call)))
port.postMessage('ready')
