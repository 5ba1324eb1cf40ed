// usage: node member.mjs kafkajs|platformatic HOST:PORT GROUP TOPIC SESSION_MS HEARTBEAT_MS
// A member of a group, which tells what happens to it in lines of JSON (interop/member.py). SIGTERM has it leave.
import { writeSync } from 'node:fs'

const [name, bootstrap, group, topic, sessionMs, heartbeatMs] = process.argv.slice(2)
const { takePart } = await import(`./${name}.mjs`)
// What is committed afterwards has been told before.
const say = told => writeSync(1, JSON.stringify(told) + '\n')

let isOver = false
const over = new Promise(resolve => process.once('SIGTERM', resolve)).then(() => { isOver = true })
const times = { sessionTimeout: Number(sessionMs), heartbeatInterval: Number(heartbeatMs) }
await takePart({ bootstrap, group, topic, times, say, over, isOver: () => isOver })
process.exit(0)
