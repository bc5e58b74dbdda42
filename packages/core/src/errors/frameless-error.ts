// Under every refusal: an error without stack frames. To take them is most of what a refusal costs, and whoever sends
// rubbish can cause refusals without end. Where in our code one was made says nothing that its `code` does not; what
// failed underneath, in its `cause`, has its frames.

/** An error whose `stack` is its name and message. */
export class FramelessError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    const { stackTraceLimit } = Error;
    // Not by assignment, which throws where an application has frozen what is built in.
    Reflect.set(Error, 'stackTraceLimit', 0);
    try {
      super(message, options);
    } finally {
      Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
    }
  }
}
