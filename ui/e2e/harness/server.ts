// Starts the real server on a throwaway data directory with demo data, and a person who may sign in.
import { spawn, type ChildProcess } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { emailOf, PASSWORD, roles, type Role } from './people'

const root = join(import.meta.dirname, '../../..')
const program = process.env.LINTEL_BIN ?? join(root, 'target/release/lintel')
// A filled data directory to copy instead of filling one; the models take most of a minute to train.
const template = process.env.LINTEL_E2E_DATA

declare module 'vitest' {
  interface ProvidedContext {
    address: string
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const data = await mkdtemp(join(tmpdir(), 'lintel-e2e-'))
  if (template !== undefined) await cp(template, data, { recursive: true })
  const { child, address } = await start(data)
  for (const role of roles) await createUser(data, role)
  provide('address', address)
  return async () => {
    await stop(child)
    await rm(data, { recursive: true, force: true })
  }
}

/** Starts the server and waits until the demo data is in and its models are trained. */
function start(data: string): Promise<{ child: ChildProcess; address: string }> {
  const args = ['serve', '--demo', '--data-dir', data, '--listen', '127.0.0.1:0', '--metrics-listen', '127.0.0.1:0', '--ui-dir', join(root, 'ui/dist')]
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } })
  return new Promise((resolve, reject) => {
    let told = ''
    const hear = (piece: Buffer) => {
      told += piece.toString()
      const address = /listening (http:\/\/\S+)/.exec(told)?.[1]
      const ready = template === undefined ? told.includes('demo models are trained') : address !== undefined
      if (address !== undefined && ready) resolve({ child, address })
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${told}`)))
  })
}

/** Makes a person of this role, `ROLE@e2e.example`. */
function createUser(data: string, role: Role): Promise<void> {
  const args = ['users', 'create', '--data-dir', data, '--tenant', 'demo', '--email', emailOf(role), '--role', role, '--password-stdin']
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'inherit'] })
  child.stdin.end(`${PASSWORD}\n`)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`users create ended with ${code}`))))
  })
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) {
      resolve()
      return
    }
    child.removeAllListeners('exit')
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
