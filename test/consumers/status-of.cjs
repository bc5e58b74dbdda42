const { once } = require('node:events');

/** Asks a server for `/` without a token, and closes it. @param {import('node:http').Server} server */
exports.statusOf = async (server) => {
  if (!server.listening) await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const { status } = await fetch(`http://127.0.0.1:${port}/`);
  server.close();
  await once(server, 'close');
  return status;
};
