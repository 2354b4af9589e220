// Writes the URL of every ES module that is loaded. (CommonJS ones are in require.cache.)
import { register } from 'node:module';

const hooks = `
  import { writeSync } from 'node:fs';
  export async function load(url, context, next) {
    writeSync(1, url + '\\n');
    return next(url, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
