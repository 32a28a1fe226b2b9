// The page that an examination pretends to be. In a file of its own, since what stands beside the codes is loaded by every
// page before it connects, and only texts and servers ask for this.

/** A page that is to be refused: a name that nobody can own (RFC 2606). */
export const probeOrigin: string = 'https://hostile.example';
