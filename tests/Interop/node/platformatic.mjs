// @platformatic/kafka in the terms of the suite (interop/client.py).
import { Admin, Consumer, Producer, compatibilityPartitioner, stringSerializer } from '@platformatic/kafka'
import { setTimeout as pause } from 'node:timers/promises'

const LIMIT_MS = 30_000
const TOPIC = 2
const SET = 0

/** Kafka's name of the error that the broker answered, if it was one. */
export function refusal (error) {
  if (error?.apiId) return error.apiId
  for (const inner of [...(error?.errors ?? []), ...(error?.cause ? [error.cause] : [])]) {
    const found = refusal(inner)
    if (found) return found
  }
}

const decode = text => (text === null ? null : Buffer.from(text, 'base64'))
const encode = data => (data === null || data === undefined ? null : data.toString('base64'))

export async function open (bootstrap) {
  const common = { clientId: 'interop', bootstrapBrokers: bootstrap.split(','), retries: 3, retryDelay: 100 }
  const admin = new Admin(common)
  const consumer = new Consumer({ ...common, groupId: 'unused', autocreateTopics: false })

  async function place (topic, partition) {
    const metadata = await consumer.metadata({ topics: [topic], forceUpdate: true })
    const found = metadata.topics.get(topic)
    return { topicId: found.id, node: found.partitions[partition].leader }
  }

  async function listed (topic, partition, timestamp) {
    const offsets = await consumer.listOffsets({ topics: [topic], partitions: { [topic]: [partition] }, timestamp })
    return Number(offsets.get(topic)[partition])
  }

  return {
    async cluster () {
      const metadata = await admin.metadata({ topics: [], forceUpdate: true })
      return { controller: metadata.controllerId, brokers: [...metadata.brokers.keys()] }
    },

    async topics () {
      const names = await admin.listTopics({ includeInternals: true })
      const { topics } = await admin.metadata({ topics: names, forceUpdate: true })
      return Object.fromEntries([...topics].map(([name, topic]) => [name, topic.partitionsCount]))
    },

    createTopic: ({ topic, partitions, configs }) =>
      admin.createTopics({
        topics: [topic],
        partitions,
        replicas: 1,
        configs: Object.entries(configs).map(([name, value]) => ({ name, value }))
      }),

    deleteTopic: ({ topic }) => admin.deleteTopics({ topics: [topic] }),

    createPartitions: ({ topic, total }) =>
      admin.createPartitions({ topics: [{ name: topic, count: total, assignments: null }] }),

    async deleteRecords ({ topic, partition, before }) {
      await admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition, offset: BigInt(before) }] }] })
    },

    async logSizes ({ topic }) {
      const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true })
      const partitions = [...Array(topics.get(topic).partitionsCount).keys()]
      const brokers = await admin.describeLogDirs({ topics: [{ name: topic, partitions }] })
      const found = brokers.flatMap(broker => broker.results).flatMap(result => result.topics)
      return Object.fromEntries(found.flatMap(({ partitions }) =>
        partitions.map(({ partitionIndex, partitionSize }) => [partitionIndex, Number(partitionSize)])))
    },

    async configs ({ topic }) {
      const [{ configs }] = await admin.describeConfigs({ resources: [{ resourceType: TOPIC, resourceName: topic }] })
      return Object.fromEntries(configs.map(config => [config.name, config.value]))
    },

    alterConfig: ({ topic, key, value }) =>
      admin.incrementalAlterConfigs({
        resources: [{
          resourceType: TOPIC,
          resourceName: topic,
          configs: [{ name: key, value, configOperation: SET }]
        }]
      }),

    async produce ({ topic, partition, codec, acks, idempotent, records }) {
      const producer = new Producer({
        ...common,
        autocreateTopics: true,
        partitioner: compatibilityPartitioner,
        serializers: { headerKey: stringSerializer }
      })
      try {
        await producer.send({
          acks,
          idempotent,
          compression: codec,
          messages: records.map(record => ({
            topic,
            key: decode(record.key) ?? undefined,
            value: decode(record.value) ?? undefined,
            headers: new Map(record.headers.map(([name, value]) => [name, decode(value)])),
            ...(record.timestamp === null ? {} : { timestamp: BigInt(record.timestamp) }),
            ...(partition === null ? {} : { partition })
          }))
        })
      } finally {
        await producer.close()
      }
    },

    async consume ({ topic, partition, offset, count }) {
      const { topicId, node } = await place(topic, partition)
      const records = []
      const deadline = Date.now() + LIMIT_MS
      while (records.length < count && Date.now() < deadline) {
        const { responses } = await consumer.fetch({
          node,
          maxWaitTime: 500,
          minBytes: 1,
          maxBytes: 10_000_000,
          topics: [{
            topicId,
            partitions: [{
              partition,
              currentLeaderEpoch: -1,
              fetchOffset: BigInt(offset),
              lastFetchedEpoch: -1,
              partitionMaxBytes: 10_000_000
            }]
          }]
        })
        for (const batch of responses[0]?.partitions[0]?.records ?? []) {
          for (const record of batch.records) {
            const at = Number(batch.firstOffset) + record.offsetDelta
            // Whole batches come: records before the offset are for the client to skip.
            if (at < offset) continue
            offset = at + 1
            records.push({
              offset: at,
              timestamp: Number(batch.firstTimestamp + record.timestampDelta),
              key: encode(record.key),
              value: encode(record.value),
              headers: record.headers.map(([name, value]) => [name.toString(), encode(value)])
            })
          }
        }
      }
      return records.slice(0, count)
    },

    offsets: async ({ topic, partition }) => [
      await listed(topic, partition, -2n),
      await listed(topic, partition, -1n)
    ],

    async offsetAt ({ topic, partition, ms }) {
      const offset = await listed(topic, partition, BigInt(ms))
      return offset < 0 ? null : offset
    }
  }
}

/** Reads as a member of a group until it is over (member.mjs). */
export async function takePart ({ bootstrap, group, topic, times, say, over, isOver }) {
  const consumer = new Consumer({
    clientId: 'interop',
    bootstrapBrokers: bootstrap.split(','),
    groupId: group,
    retries: 20,
    retryDelay: 200,
    rebalanceTimeout: 10_000,
    ...times
  })
  consumer.on('consumer:group:rebalance', () => say({ partitions: [] }))
  consumer.on('consumer:group:join', ({ assignments }) =>
    say({ partitions: assignments.flatMap(given => (given.topic === topic ? given.partitions : [])) }))
  let stream
  over.then(() => stream?.close())
  while (!isOver()) {
    try {
      stream = await consumer.consume({
        topics: [topic],
        mode: 'committed',
        fallbackMode: 'earliest',
        autocommit: false,
        maxWaitTime: 200
      })
      for await (const message of stream) {
        say({ value: message.value.toString() })
        await message.commit()
      }
    } catch (error) {
      // A commit that a rebalance overtook, or a broker that is gone for now: it reads on from what is committed.
      console.error(String(error.stack))
      await pause(200)
    }
  }
  await consumer.close(true)
}
