// npm's openai and ollama against a server: node npm_clients.mjs URL MODEL. It also has the models of
// harness.scripted_models: "thinks" and "calls". Ends with 1 at the first thing that is not as it should be.
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { Ollama } from 'ollama';

const [url, model] = process.argv.slice(2);
const messages = [{ role: 'user', content: 'Once upon a time' }];
// Small: the model's context is.
const parameters = { type: 'object', properties: { age: { type: 'integer' } }, required: ['age'],
  additionalProperties: false };
const tools = [{ type: 'function', function: { name: 'meet', parameters } }];
const flatTools = [{ type: 'function', name: 'meet', parameters, strict: false }];
const thought = 'I wonder...';
const said = 'Yes, it is.';

async function all(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return parts;
}
const textOf = (parts, of) => parts.map((part) => of(part) ?? '').join('');

const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });

const tests = {
  async 'openai: chat, and the same as a stream'() {
    const asked = { model, messages, temperature: 0, max_tokens: 12 };
    const whole = await openai.chat.completions.create(asked);
    assert.equal(whole.usage.completion_tokens, 12);
    const parts = await all(await openai.chat.completions.create({ ...asked, stream: true,
      stream_options: { include_usage: true } }));
    assert.equal(textOf(parts, (c) => c.choices[0]?.delta.content), whole.choices[0].message.content);
    assert.equal(parts.at(-1).usage.completion_tokens, 12);
  },
  async 'openai: a stream that is broken off'() {
    const stream = await openai.chat.completions.create({ model, messages, max_tokens: 300, stream: true });
    for await (const part of stream) {
      assert.equal(part.object, 'chat.completion.chunk');
      break;
    }
    stream.controller.abort();
  },
  async 'openai: models'() {
    assert.ok((await all(await openai.models.list())).some((one) => one.id === model));
    assert.equal((await openai.models.retrieve(model)).id, model);
  },
  async 'openai: completions, and as a stream'() {
    const asked = { model, prompt: 'Once', max_tokens: 4, temperature: 0 };
    const whole = await openai.completions.create(asked);
    const parts = await all(await openai.completions.create({ ...asked, stream: true }));
    assert.equal(textOf(parts, (c) => c.choices[0]?.text), whole.choices[0].text);
    assert.ok(whole.choices[0].text);
  },
  async 'openai: embeddings'() {
    const { data } = await openai.embeddings.create({ model, input: ['a cat', 'a dog'] });
    assert.equal(data.length, 2);
    const length = data[0].embedding.reduce((sum, v) => sum + v * v, 0);
    assert.ok(Math.abs(length - 1) < 1e-3, `${length}`);
  },
  async 'openai: responses, and as a stream'() {
    const asked = { model, input: 'Once', max_output_tokens: 8, temperature: 0 };
    const whole = await openai.responses.create(asked);
    assert.ok(whole.output_text);
    const parts = await all(await openai.responses.create({ ...asked, stream: true }));
    assert.equal(textOf(parts, (e) => (e.type === 'response.output_text.delta' ? e.delta : '')), whole.output_text);
  },
  async 'openai: an answer of a schema, from chat and responses'() {
    const format = { type: 'json_schema', json_schema: { name: 'x', strict: true, schema: parameters } };
    const done = await openai.chat.completions.create({ model, messages, max_tokens: 100, response_format: format });
    assert.deepEqual(Object.keys(JSON.parse(done.choices[0].message.content)), ['age']);
    const text = { format: { type: 'json_schema', name: 'x', strict: true, schema: parameters } };
    const response = await openai.responses.create({ model, input: '?', max_output_tokens: 100, text });
    assert.deepEqual(Object.keys(JSON.parse(response.output_text)), ['age']);
  },
  async 'openai: a call in a chat, and as a stream'() {
    const asked = { model: 'calls', messages, tools, temperature: 0 };
    const whole = await openai.chat.completions.create(asked);
    const [call] = whole.choices[0].message.tool_calls;
    assert.deepEqual([call.function.name, JSON.parse(call.function.arguments)], ['meet', { age: 77 }]);
    const stream = openai.chat.completions.stream(asked);
    const deltas = [];
    stream.on('tool_calls.function.arguments.delta', (event) => deltas.push(event.arguments_delta));
    const streamed = await stream.finalChatCompletion();
    assert.equal(streamed.choices[0].message.tool_calls[0].function.arguments, call.function.arguments);
    assert.equal(deltas.join(''), call.function.arguments);
    assert.ok(deltas.length > 1);
    const told = [...messages, whole.choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'they met' }];
    assert.equal((await openai.chat.completions.create({ ...asked, messages: told })).choices[0].finish_reason,
      'tool_calls');
  },
  async 'openai: a call in a response, and as a stream'() {
    const asked = { model: 'calls', input: '?', tools: flatTools, temperature: 0 };
    const [item] = (await openai.responses.create(asked)).output;
    assert.deepEqual([item.type, item.name, JSON.parse(item.arguments)], ['function_call', 'meet', { age: 77 }]);
    const parts = await all(await openai.responses.create({ ...asked, stream: true }));
    assert.equal(textOf(parts, (e) => (e.type === 'response.function_call_arguments.delta' ? e.delta : '')),
      item.arguments);
  },
  async 'openai: what the model thinks, in chat and responses'() {
    const asked = { model: 'thinks', messages, temperature: 0 };
    const { message } = (await openai.chat.completions.create(asked)).choices[0];
    assert.deepEqual([message.reasoning_content, message.content], [thought, said]);
    const parts = await all(await openai.chat.completions.create({ ...asked, stream: true }));
    assert.equal(textOf(parts, (c) => c.choices[0]?.delta.reasoning_content), thought);
    const response = { model: 'thinks', input: '?', temperature: 0 };
    const { output, output_text: text } = await openai.responses.create(response);
    assert.deepEqual([output[0].type, output[0].content[0].text, text], ['reasoning', thought, said]);
    const events = await all(await openai.responses.create({ ...response, stream: true }));
    assert.equal(textOf(events, (e) => (e.type === 'response.reasoning_text.delta' ? e.delta : '')), thought);
  },
  async 'openai: errors are of their classes'() {
    await assert.rejects(openai.chat.completions.create({ model: 'none', messages }), OpenAI.NotFoundError);
    await assert.rejects(openai.models.retrieve('none'), OpenAI.NotFoundError);
    for (const ask of [(more) => openai.chat.completions.create({ model, messages, ...more }),
      (more) => openai.completions.create({ model, prompt: 'x', ...more }),
      (more) => openai.responses.create({ model, input: 'x', ...more })]) {
      for (const stream of [false, true]) {
        await assert.rejects(ask({ temperature: -1, stream }), (problem) => problem instanceof OpenAI.BadRequestError
          && problem.param === 'temperature');
      }
    }
    await assert.rejects(openai.embeddings.create({ model, input: [] }), OpenAI.BadRequestError);
  },
};

const ollama = new Ollama({ host: url });
const options = { temperature: 0, num_predict: 12 };

Object.assign(tests, {
  async 'ollama: chat, and the same as a stream'() {
    const whole = await ollama.chat({ model, messages, options });
    const parts = await all(await ollama.chat({ model, messages, options, stream: true }));
    assert.equal(textOf(parts, (part) => part.message.content), whole.message.content);
  },
  async 'ollama: generate, and the same as a stream'() {
    const whole = await ollama.generate({ model, prompt: 'Once', options });
    const parts = await all(await ollama.generate({ model, prompt: 'Once', options, stream: true }));
    assert.equal(textOf(parts, (part) => part.response), whole.response);
    assert.ok(whole.response);
  },
  async 'ollama: a stream that is broken off'() {
    const own = new Ollama({ host: url });
    const stream = await own.generate({ model, prompt: 'Once', options: { num_predict: 300 }, stream: true });
    const broken = all(stream);
    own.abort();
    await assert.rejects(broken, { name: 'AbortError' });
  },
  async 'ollama: embed'() {
    assert.equal((await ollama.embed({ model, input: ['a', 'b'] })).embeddings.length, 2);
  },
  async 'ollama: a form'() {
    const more = { model, options: { num_predict: 100 }, format: parameters };
    const held = await ollama.chat({ messages, ...more });
    assert.deepEqual(Object.keys(JSON.parse(held.message.content)), ['age']);
    const parts = await all(await ollama.generate({ prompt: '?', stream: true, ...more }));
    assert.deepEqual(Object.keys(JSON.parse(textOf(parts, (part) => part.response))), ['age']);
  },
  async 'ollama: a call, and in a stream'() {
    const asked = { model: 'calls', messages, tools, options: { temperature: 0 } };
    const called = [{ function: { name: 'meet', arguments: { age: 77 } } }];
    assert.deepEqual((await ollama.chat(asked)).message.tool_calls, called);
    const parts = await all(await ollama.chat({ ...asked, stream: true }));
    assert.deepEqual(parts.flatMap((part) => part.message.tool_calls ?? []), called);
  },
  async 'ollama: what the model thinks'() {
    const asked = { model: 'thinks', messages, think: true, options: { temperature: 0 } };
    const { message } = await ollama.chat(asked);
    assert.deepEqual([message.thinking, message.content], [thought, said]);
    const parts = await all(await ollama.chat({ ...asked, stream: true }));
    assert.equal(textOf(parts, (part) => part.message.thinking), thought);
  },
  async 'ollama: the store'() {
    assert.ok((await ollama.list()).models.some((one) => one.model === `${model}:latest`));
    assert.ok((await ollama.ps()).models.some((one) => one.model === `${model}:latest`));
    assert.equal((await ollama.show({ model })).details.family, 'llama');
    assert.equal((await ollama.copy({ source: `run/${model}`, destination: 'twin' })).status, 'success');
    assert.equal((await ollama.delete({ model: 'twin' })).status, 'success');
    await assert.rejects(ollama.show({ model: 'twin' }), { name: 'ResponseError', status_code: 404 });
    await assert.rejects(ollama.pull({ model: 'no-name-of-the-catalogue' }), { name: 'ResponseError' });
    assert.ok((await ollama.version()).version);
  },
  async 'ollama: errors say why'() {
    for (const stream of [false, true]) {
      await assert.rejects(ollama.chat({ model: 'none', messages, stream }), { name: 'ResponseError', status_code: 404 });
      await assert.rejects(ollama.generate({ model, prompt: 'x', stream, options: { temperature: -1 } }),
        { name: 'ResponseError', status_code: 400 });
    }
    await assert.rejects(ollama.embed({ model: 'none', input: 'x' }), /none/);
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
