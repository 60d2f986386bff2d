import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { run } from '../../scripts/commands/run.ts'
import { list, watchCommand } from '../../scripts/commands/watch.ts'

/** What a command says to the arguments. */
async function say(args: readonly string[]): Promise<{ code: number; error: string }> {
  const said: string[] = []
  const io = { out: { write: () => true }, error: { write: (text: string) => said.push(text) } }
  const code = await run(watchCommand, args, io)
  return { code, error: said.join('') }
}

test('items are numbers and ranges', () => {
  assert.equal(list('0,1,7'), [0, 1, 7])
  assert.equal(list('3-5, 9'), [3, 4, 5, 9])
})

test('items and scales that cannot be are refused in one line that says what is expected', async () => {
  for (const [args, message] of [
    [['runs/x', '--items', '5-3'], /expected items such as 0,1,7 or 0-5/],
    [['runs/x', '--items', 'seven'], /expected items such as/],
    [['runs/x', '--scale', '0'], /expected a number from 0\.1 to 10/],
    [['runs/nowhere'], /runs\/nowhere: there is no such run or file; give a run directory, an agent file or zoo:NAME/],
  ] as const) {
    const { code, error } = await say(args)
    assert.is(code, 1)
    assert.match(error, message)
    assert.is(error.trim().split('\n').length, 1, error)
  }
})

test.run()
