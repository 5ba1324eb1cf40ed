// usage: node sender.mjs HOST:PORT,... TOPIC PARTITIONS
// kafkajs as an idempotent producer that sends one record after the other, to each partition in turn, and tells of each
// that was acknowledged in a line of JSON (interop/member.py). SIGTERM ends it; what it cannot send does so with an
// error.
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRequire } from 'node:module'

const { Kafka, Partitioners, logLevel } = createRequire(import.meta.url)('kafkajs')
const [bootstrap, topic, partitions] = process.argv.slice(2)

// A broker that died is missed after its session; until then kafkajs is told where it was.
const retry = { retries: 60, initialRetryTime: 100, maxRetryTime: 1_000 }
const kafka = new Kafka({ clientId: 'sender', brokers: bootstrap.split(','), logLevel: logLevel.NOTHING, retry })
const producer = kafka.producer({
  idempotent: true, maxInFlightRequests: 1, retry, createPartitioner: Partitioners.DefaultPartitioner
})

let isOver = false
process.once('SIGTERM', () => { isOver = true })
await producer.connect()
for (let i = 0; !isOver; i++) {
  const value = `kafkajs-${i}`
  await producer.send({ topic, acks: -1, messages: [{ value, partition: i % Number(partitions) }] })
  writeSync(1, JSON.stringify({ value }) + '\n')
  await sleep(50)
}
await producer.disconnect()
process.exit(0)
