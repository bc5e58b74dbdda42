// The pages of the shop, as plain HTML without a script. Every text that is not fixed is escaped.

export interface Visitor {
  readonly name: string;
  readonly isAdmin: boolean;
}

export function homePage(visitor: Visitor | undefined): string {
  return page('Shop', visitor, '<p>Anyone may read this page.</p>');
}

/** @param returnPath - where the visitor goes after the sign-in. It comes from the browser. */
export function signInPage(returnPath: string, failed = false): string {
  return page(
    'Sign in',
    undefined,
    `${failed ? '<p role="alert">Wrong name or password.</p>' : ''}
    <form method="post" action="/login">
      <input type="hidden" name="return" value="${escape(returnPath)}">
      <p><label>Name <input name="username" autocomplete="username" required></label></p>
      <p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
      <p><label><input name="remember" type="checkbox" checked> Keep me signed in</label></p>
      <p><button>Sign in</button></p>
    </form>
    <p>ada / lovelace is an admin, alan / turing is not.</p>`,
  );
}

export function ordersPage(visitor: Visitor, orders: readonly string[]): string {
  return page(
    'Orders',
    visitor,
    `<ul>${orders.map((order) => `<li>${escape(order)}</li>`).join('')}</ul>
    <form method="post" action="/orders">
      <p><label>Article <input name="article" required maxlength="100"></label></p>
      <p><button>Order</button></p>
    </form>`,
  );
}

export function adminPage(visitor: Visitor): string {
  return page('Administration', visitor, '<p>Only admins may read this page.</p>');
}

export function addressPage(visitor: Visitor, address: string): string {
  return page(
    'Address',
    visitor,
    `<p>Orders go to: <span id="address">${escape(address)}</span></p>
    <form method="post" action="/address">
      <p><label>New address <input name="address" required maxlength="100"></label></p>
      <p><button>Change</button></p>
    </form>`,
  );
}

/** Asks for the password again, before something that matters. */
export function confirmPage(visitor: Visitor, returnPath: string, failed = false): string {
  return page(
    'Your password, please',
    visitor,
    `${failed ? '<p role="alert">Wrong password.</p>' : ''}
    <form method="post" action="/confirm">
      <input type="hidden" name="return" value="${escape(returnPath)}">
      <p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
      <p><button>Confirm</button></p>
    </form>`,
  );
}

function page(title: string, visitor: Visitor | undefined, content: string): string {
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>${title}</title>
  <link rel="icon" href="data:,">
  <nav>
    <a href="/">Shop</a> <a href="/orders">Orders</a> <a href="/address">Address</a>
    ${visitor?.isAdmin ? '<a href="/admin">Administration</a>' : ''}
    ${visitor ? signOutForm(visitor) : '<a href="/login">Sign in</a>'}
  </nav>
  <h1>${title}</h1>
  ${content}
</html>
`;
}

function signOutForm({ name }: Visitor): string {
  return `<form method="post" action="/logout"><span id="visitor">${escape(name)}</span> <button>Sign out</button></form>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
