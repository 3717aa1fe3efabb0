/** A plain reverse proxy of Go's standard library. Needs the command `go`. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { serveMeasured } from './child.ts'

const source = `package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
)

func main() {
	target, err := url.Parse(os.Args[1])
	if err != nil {
		panic(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 256}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, proxy))
}
`
const folder = mkdtempSync(join(tmpdir(), 'causeway-bench-go-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'main.go'), source)
execFileSync('go', ['build', '-o', 'proxy', 'main.go'], {
  cwd: folder,
  env: { ...process.env, GOCACHE: join(folder, 'cache'), GO111MODULE: 'off' },
})
const proxy = spawn(join(folder, 'proxy'), [process.argv[2] ?? ''], { stdio: ['ignore', 'pipe', 'ignore'] })
process.on('exit', () => proxy.kill())
const [port]: string[] = await once(createInterface({ input: proxy.stdout }), 'line')

// Source: proc_pid_stat(5): times are in ticks, a hundred of which make a second on Linux; memory is in pages of 4 KiB.
const tickMicroseconds = 10_000
const pageBytes = 4096

serveMeasured({ url: `http://127.0.0.1:${port}` }, () => {
  const fields = readFileSync(`/proc/${proxy.pid}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ')
  return {
    cpuMicroseconds: (Number(fields[11]) + Number(fields[12])) * tickMicroseconds,
    memoryBytes: Number(fields[21]) * pageBytes,
    descriptors: 0,
  }
})
