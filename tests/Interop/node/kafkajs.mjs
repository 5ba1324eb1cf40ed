// kafkajs in the terms of the suite (interop/client.py).
import { createRequire } from 'node:module'
import { init as initZstd, compress as zstd, decompress as unzstd } from '@bokuweb/zstd-wasm'
import { lz4Compress, lz4Decompress } from '@platformatic/wasm-utils'

const require = createRequire(import.meta.url)
const { Kafka, CompressionCodecs, CompressionTypes, ConfigResourceTypes, Partitioners, logLevel } = require('kafkajs')
const Cluster = require('kafkajs/src/cluster')
const { createLogger } = require('kafkajs/src/loggers')
const socketFactory = require('kafkajs/src/network/socketFactory')

await initZstd()
CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy')
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async encoder => lz4Compress(encoder.buffer),
  decompress: async buffer => lz4Decompress(buffer)
})
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async encoder => Buffer.from(zstd(encoder.buffer)),
  decompress: async buffer => Buffer.from(unzstd(buffer))
})

const CODECS = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD
}
const LIMIT_MS = 30_000

/** Kafka's name of the error that the broker answered, if it was one. */
export function refusal (error) {
  for (let cause = error; cause; cause = cause.cause) {
    if (cause.errors?.length) return refusal(cause.errors[0])
    if (cause.partitions?.length) return refusal(cause.partitions[0].error)
    if (typeof cause.type === 'string') return cause.type
  }
}

const decode = text => (text === null ? null : Buffer.from(text, 'base64'))
const encode = data => (data === null || data === undefined ? null : Buffer.from(data).toString('base64'))

export async function open (bootstrap) {
  const brokers = bootstrap.split(',')
  const retry = { retries: 3, initialRetryTime: 100 }
  const kafka = new Kafka({ clientId: 'interop', brokers, logLevel: logLevel.NOTHING, retry })
  const admin = kafka.admin()
  await admin.connect()

  // The layer below the consumer: leaders, fetches and decoding, without a group.
  const cluster = new Cluster({
    brokers,
    clientId: 'interop',
    logger: createLogger({ level: logLevel.NOTHING, logCreator: require('kafkajs/src/loggers/console') }),
    socketFactory: socketFactory(),
    retry,
    connectionTimeout: 5_000,
    requestTimeout: LIMIT_MS,
    metadataMaxAge: 300_000,
    allowAutoTopicCreation: false,
    offsets: new Map()
  })
  await cluster.connect()

  async function leaderOf (topic, partition) {
    await cluster.addTargetTopic(topic)
    await cluster.refreshMetadata()
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))
    return cluster.findBroker({ nodeId })
  }

  async function fetchFrom (broker, topic, partition, offset) {
    const fetched = await broker.fetch({
      maxWaitTime: 500,
      minBytes: 1,
      topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: 10_000_000 }] }],
      isolationLevel: 0
    })
    // Whole batches come: records before the offset are for the client to skip.
    return fetched.responses[0].partitions[0].messages.filter(message => Number(message.offset) >= offset)
  }

  return {
    async cluster () {
      const { controller, brokers } = await admin.describeCluster()
      return { controller, brokers: brokers.map(broker => broker.nodeId) }
    },

    async topics () {
      const { topics } = await admin.fetchTopicMetadata()
      return Object.fromEntries(topics.map(topic => [topic.name, topic.partitions.length]))
    },

    createTopic: ({ topic, partitions, configs }) =>
      admin.createTopics({
        topics: [{
          topic,
          numPartitions: partitions,
          replicationFactor: 1,
          configEntries: Object.entries(configs).map(([name, value]) => ({ name, value }))
        }]
      }).then(created => {
        // kafkajs keeps this one error to itself and answers false.
        if (!created) throw Object.assign(new Error(topic), { name: 'KafkaJSProtocolError', type: 'TOPIC_ALREADY_EXISTS' })
      }),

    deleteTopic: ({ topic }) => admin.deleteTopics({ topics: [topic] }),

    createPartitions: ({ topic, total }) => admin.createPartitions({ topicPartitions: [{ topic, count: total }] }),

    async deleteRecords ({ topic, partition, before }) {
      // It looks for the leader before it has asked about the topic; this makes it ask.
      await admin.fetchTopicOffsets(topic)
      await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] })
    },

    async configs ({ topic }) {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }]
      })
      return Object.fromEntries(resources[0].configEntries.map(entry => [entry.configName, entry.configValue]))
    },

    alterConfig: ({ topic, key, value }) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name: key, value }] }]
      }),

    async produce ({ topic, partition, codec, acks, idempotent, records }) {
      const producer = kafka.producer({
        idempotent,
        createPartitioner: Partitioners.DefaultPartitioner,
        allowAutoTopicCreation: true
      })
      await producer.connect()
      try {
        await producer.send({
          topic,
          acks,
          compression: CODECS[codec],
          messages: records.map(record => ({
            key: decode(record.key),
            value: decode(record.value),
            headers: headersOf(record.headers),
            ...(record.timestamp === null ? {} : { timestamp: String(record.timestamp) }),
            ...(partition === null ? {} : { partition })
          }))
        })
      } finally {
        await producer.disconnect()
      }
    },

    /** Transactions of one producer, each a record and the position it stands for, with their verdicts. */
    async transact ({ topic, name, transactions }) {
      const producer = kafka.producer({ transactionalId: name, idempotent: true, maxInFlightRequests: 1 })
      await producer.connect()
      try {
        for (const [verdict, offset] of transactions) {
          const transaction = await producer.transaction()
          await transaction.send({ topic, messages: [{ value: String(offset) }] })
          await transaction.sendOffsets({
            consumerGroupId: name,
            topics: [{ topic, partitions: [{ partition: 0, offset: String(offset) }] }]
          })
          await transaction[verdict]()
        }
      } finally {
        await producer.disconnect()
      }
    },

    async consume ({ topic, partition, offset, count }) {
      const broker = await leaderOf(topic, partition)
      const records = []
      const deadline = Date.now() + LIMIT_MS
      while (records.length < count && Date.now() < deadline) {
        for (const message of await fetchFrom(broker, topic, partition, offset)) {
          offset = Number(message.offset) + 1
          records.push({
            offset: Number(message.offset),
            timestamp: Number(message.timestamp),
            key: encode(message.key),
            value: encode(message.value),
            headers: Object.entries(message.headers).flatMap(([name, values]) =>
              [values].flat().map(value => [name, encode(value)]))
          })
        }
      }
      return records.slice(0, count)
    },

    /** The values up to an offset, as raw bytes, a fetch at a time. */
    async * values ({ topic, partition, end }) {
      const broker = await leaderOf(topic, partition)
      for (let offset = 0; offset < end;) {
        const messages = await fetchFrom(broker, topic, partition, offset)
        if (messages.length === 0) continue
        offset = Number(messages.at(-1).offset) + 1
        yield messages.map(message => message.value)
      }
    },

    async offsets ({ topic, partition }) {
      const all = await admin.fetchTopicOffsets(topic)
      const own = all.find(entry => entry.partition === partition)
      return [Number(own.low), Number(own.high)]
    },

    async offsetAt ({ topic, partition, ms }) {
      const broker = await leaderOf(topic, partition)
      const { responses } = await broker.listOffsets({
        replicaId: -1,
        isolationLevel: 0,
        topics: [{ topic, partitions: [{ partition, timestamp: String(ms) }] }]
      })
      const offset = Number(responses[0].partitions[0].offset)
      return offset < 0 ? null : offset
    }
  }
}

function headersOf (pairs) {
  const headers = {}
  for (const [name, value] of pairs) (headers[name] ??= []).push(decode(value))
  return headers
}

/** Reads as a member of a group until it is over (member.mjs). */
export async function takePart ({ bootstrap, group, topic, times, say, over }) {
  const retry = { retries: 20, initialRetryTime: 100, maxRetryTime: 1_000 }
  const kafka = new Kafka({ clientId: 'interop', brokers: bootstrap.split(','), logLevel: logLevel.NOTHING, retry })
  const consumer = kafka.consumer({ groupId: group, rebalanceTimeout: 10_000, maxWaitTimeInMs: 200, retry, ...times })
  consumer.on(consumer.events.REBALANCING, () => say({ partitions: [] }))
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => say({ partitions: payload.memberAssignment[topic] ?? [] }))
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({ eachMessage: async ({ message }) => say({ value: message.value.toString() }) })
  await over
  await consumer.disconnect()
}
