// usage: node consumer_member.mjs HOST:PORT GROUP TOPIC
// A member of a group by the consumer protocol (KIP-848), of @platformatic/kafka; it tells the same as member.mjs.
import { writeSync } from 'node:fs'
import { Consumer } from '@platformatic/kafka'

const LOOK_MS = 20
const [bootstrap, groupId, topic] = process.argv.slice(2)
const say = told => writeSync(1, JSON.stringify(told) + '\n')

const consumer = new Consumer({
  clientId: 'interop',
  bootstrapBrokers: bootstrap.split(','),
  groupId,
  groupProtocol: 'consumer',
  // The broker says how long sessions are; these only have to fit each other.
  sessionTimeout: 6_000,
  heartbeatInterval: 1_000,
  rebalanceTimeout: 10_000,
  // A broker that is started again is there sooner than that.
  retries: 300,
  retryDelay: 200
})
const stream = await consumer.consume({
  topics: [topic],
  mode: 'committed',
  fallbackMode: 'earliest',
  autocommit: 200,
  maxWaitTime: 200
})
stream.on('data', message => say({ value: message.value.toString() }))
stream.on('error', error => console.error(String(error.stack)))

// By this protocol it tells nobody what it was assigned.
let told = '[]'
setInterval(() => {
  const mine = (consumer.assignments ?? []).filter(assigned => assigned.topic === topic)
  const partitions = mine.flatMap(assigned => assigned.partitions).sort()
  const now = JSON.stringify(partitions)
  if (now !== told) say({ partitions })
  told = now
}, LOOK_MS)

process.once('SIGTERM', async () => {
  await stream.close()
  await consumer.close()
  process.exit(0)
})
