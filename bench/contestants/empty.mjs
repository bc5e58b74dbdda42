// No guard at all: what the runner itself and the call cost.

export const guards = [
  {
    name: 'empty guard',
    framework: 'express',
    letsAllPass: true,
    create: () => (_req, _res, next) => next(),
  },
  {
    name: 'empty guard',
    framework: 'koa',
    letsAllPass: true,
    create: () => (_ctx, next) => next(),
  },
];
