// npm's openai and ollama against a server: node npm_clients.mjs URL MODEL. Ends with 1 at the first thing that is not
// as it should be.
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { Ollama } from 'ollama';

const [url, model] = process.argv.slice(2);
const messages = [{ role: 'user', content: 'Once upon a time' }];
// Small: the model's context is.
const parameters = { type: 'object', properties: { age: { type: 'integer' } }, required: ['age'],
  additionalProperties: false };
const tools = [{ type: 'function', function: { name: 'meet', parameters } }];

async function gathered(stream, textOf) {
  let text = '';
  for await (const part of stream) text += textOf(part) ?? '';
  return text;
}

const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });

const tests = {
  async 'openai: chat, and the same as a stream'() {
    const asked = { model, messages, temperature: 0, max_tokens: 12 };
    const whole = await openai.chat.completions.create(asked);
    assert.equal(whole.usage.completion_tokens, 12);
    const stream = await openai.chat.completions.create({ ...asked, stream: true });
    assert.equal(await gathered(stream, (c) => c.choices[0]?.delta.content), whole.choices[0].message.content);
  },
  async 'openai: a stream that is broken off'() {
    const stream = await openai.chat.completions.create({ model, messages, max_tokens: 300, stream: true });
    for await (const part of stream) {
      assert.equal(part.object, 'chat.completion.chunk');
      break;
    }
    stream.controller.abort();
  },
  async 'openai: models, completions, embeddings'() {
    const names = [];
    for await (const one of openai.models.list()) names.push(one.id);
    assert.ok(names.includes(model));
    const done = await openai.completions.create({ model, prompt: 'Once', max_tokens: 4 });
    assert.ok(done.choices[0].text);
    const { data } = await openai.embeddings.create({ model, input: ['a cat', 'a dog'] });
    assert.equal(data.length, 2);
    const length = data[0].embedding.reduce((sum, v) => sum + v * v, 0);
    assert.ok(Math.abs(length - 1) < 1e-3, `${length}`);
  },
  async 'openai: responses, and as a stream'() {
    const asked = { model, input: 'Once', max_output_tokens: 8, temperature: 0 };
    const whole = await openai.responses.create(asked);
    assert.ok(whole.output_text);
    const stream = await openai.responses.create({ ...asked, stream: true });
    const text = await gathered(stream, (e) => (e.type === 'response.output_text.delta' ? e.delta : ''));
    assert.equal(text, whole.output_text);
  },
  async 'openai: an answer of a schema'() {
    const format = { type: 'json_schema', json_schema: { name: 'x', strict: true, schema: parameters } };
    const done = await openai.chat.completions.create({ model, messages, max_tokens: 100, response_format: format });
    assert.deepEqual(Object.keys(JSON.parse(done.choices[0].message.content)), ['age']);
  },
  async 'openai: a call, and as a stream'() {
    const asked = { model, messages, tools, tool_choice: 'required', max_tokens: 100, temperature: 0 };
    const whole = await openai.chat.completions.create(asked);
    const [call] = whole.choices[0].message.tool_calls;
    assert.equal(call.function.name, 'meet');
    const streamed = await openai.chat.completions.stream(asked).finalChatCompletion();
    assert.equal(streamed.choices[0].message.tool_calls[0].function.arguments, call.function.arguments);
  },
  async 'openai: errors are of their classes'() {
    await assert.rejects(openai.chat.completions.create({ model: 'none', messages }), OpenAI.NotFoundError);
    await assert.rejects(openai.chat.completions.create({ model, messages, temperature: -1 }), OpenAI.BadRequestError);
  },
};

const ollama = new Ollama({ host: url });
const options = { temperature: 0, num_predict: 12 };

Object.assign(tests, {
  async 'ollama: chat, and the same as a stream'() {
    const whole = await ollama.chat({ model, messages, options });
    const stream = await ollama.chat({ model, messages, options, stream: true });
    assert.equal(await gathered(stream, (part) => part.message.content), whole.message.content);
  },
  async 'ollama: generate, embed, and a form'() {
    const stream = await ollama.generate({ model, prompt: 'Once', options, stream: true });
    assert.ok(await gathered(stream, (part) => part.response));
    assert.equal((await ollama.embed({ model, input: ['a', 'b'] })).embeddings.length, 2);
    const held = await ollama.chat({ model, messages, options: { num_predict: 100 }, format: parameters });
    assert.deepEqual(Object.keys(JSON.parse(held.message.content)), ['age']);
  },
  async 'ollama: what there is'() {
    assert.ok((await ollama.list()).models.some((one) => one.model === `${model}:latest`));
    assert.equal((await ollama.ps()).models[0].model, `${model}:latest`);
    assert.equal((await ollama.show({ model })).details.family, 'llama');
  },
  async 'ollama: errors say why'() {
    await assert.rejects(ollama.chat({ model: 'none', messages }), /none/);
  },
});

for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
  } catch (problem) {
    console.error(`${name}: ${problem.stack}`);
    process.exit(1);
  }
  console.log(`${name}: passed`);
}
console.log('all passed');
