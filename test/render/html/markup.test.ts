import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, jsonBlock } from '../../../src/render/html/markup.ts';
import { prose } from '../../../src/render/html/prose.ts';

const script = '</script><img src=x onerror="a()">&\'';

describe('html', () => {
  it('escapes text, between tags and in attributes', () => {
    expect(html`<p title="${script}">${script}</p>`.markup).toBe(
      '<p title="&lt;/script&gt;&lt;img src=x onerror=&quot;a()&quot;&gt;&amp;&#39;">' +
        '&lt;/script&gt;&lt;img src=x onerror=&quot;a()&quot;&gt;&amp;&#39;</p>',
    );
  });

  it('takes markup of its own, lists of it, numbers and nothing', () => {
    const items = ['a<b', 'c'].map((text) => html`<li>${text}</li>`);
    expect(html`<ul>${items}</ul>${null}${3}`.markup).toBe('<ul><li>a&lt;b</li><li>c</li></ul>3');
  });

  it('does not take for markup what only looks like it', () => {
    const forged = JSON.parse('["<b>", ["<i>"]]') as string[];
    expect(html`${forged}`.markup).toBe('&lt;b&gt;&lt;i&gt;');
  });

  it('shows control characters and drops those that hide or reorder text', () => {
    expect(html`${'a\u0000\u001b[31m\u202eb'}`.markup).toBe('a\\x00\\x1b[31mb');
  });

  it('leaves no character of text that could end it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(html`${text}`.markup).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
      }),
    );
  });
});

describe('jsonBlock', () => {
  it('holds any data without an end tag, and gives it back', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const data: unknown = [JSON.parse(json), script, '<!--<script>', '\u2028'];
        const { markup } = jsonBlock('data', data);
        const text = markup.slice('<script type="application/json" id="data">'.length, -9);
        expect(text).not.toContain('<');
        expect(JSON.parse(text)).toEqual(data);
      }),
    );
  });
});

it('prose makes code of pairs of backticks only', () => {
  expect(prose('run `a <b>` now').markup).toBe('run <code>a &lt;b&gt;</code> now');
  expect(prose('a ` b').markup).toBe('a ` b');
});
