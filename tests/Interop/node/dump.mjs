// usage: node dump.mjs kafkajs|platformatic HOST:PORT TOPIC     prints every value of partition 0, a line each
import { once } from 'node:events'

const [name, bootstrap, topic] = process.argv.slice(2)
const { open } = await import(`./${name}.mjs`)
const client = await open(bootstrap)
const [, end] = await client.offsets({ topic, partition: 0 })

for await (const values of client.values({ topic, partition: 0, end })) {
  const lines = Buffer.concat(values.flatMap(value => [value, Buffer.from('\n')]))
  if (!process.stdout.write(lines)) await once(process.stdout, 'drain')
}
process.stdout.end(() => process.exit(0))
