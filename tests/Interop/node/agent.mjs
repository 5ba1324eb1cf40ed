// usage: node agent.mjs kafkajs|platformatic HOST:PORT
// Takes one call a line ({method, args}) and answers each with one line: {result}, {refused, message} or {failed}.
import { createInterface } from 'node:readline'

const [name, bootstrap] = process.argv.slice(2)
const { open, refusal } = await import(`./${name}.mjs`)
const client = await open(bootstrap)

for await (const line of createInterface({ input: process.stdin })) {
  const { method, args } = JSON.parse(line)
  let reply
  try {
    reply = { result: (await client[method](args)) ?? null }
  } catch (error) {
    const refused = refusal(error)
    reply = refused ? { refused, message: String(error.message) } : { failed: String(error.stack) }
  }
  process.stdout.write(JSON.stringify(reply) + '\n')
}
process.exit(0)
