import { BlockList, isIP } from 'node:net'
import { NodeError } from '@concordat/protocol'

/** Says whether a request may be sent to an IP address. */
export type AddressCheck = (address: string) => boolean

/** IPv4 addresses that are nobody's on the public internet, by RFC 6890 and its updates. */
const RESERVED_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]

/** What is not for public use within the one public block of IPv6, or hides an IPv4 address in it. */
const RESERVED_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']
const PUBLIC_V6 = ['2000::/3']

const NAMED_RANGES: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'],
  'link-local': ['169.254.0.0/16', 'fe80::/10'],
}

/**
 * Public unicast addresses pass, and those in the given ranges: `loopback`, `private`, `link-local`, or blocks such as
 * `10.1.0.0/16`. An IPv4 address written as IPv6 counts as the IPv4 address. Throws CC20802 for a range it can't read.
 */
export function createAddressCheck(allowedRanges: readonly string[]): AddressCheck {
  const allowed = listOf(allowedRanges.flatMap((range) => NAMED_RANGES[range] ?? [range]))
  const reserved = listOf([...RESERVED_V4, ...RESERVED_V6])
  const publicV6 = listOf(PUBLIC_V6)
  return (address) => {
    const plain = unmap(address)
    const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4'
    if (isIP(plain) === 0) return false
    if (allowed.check(plain, family)) return true
    if (reserved.check(plain, family)) return false
    return family === 'ipv4' || publicV6.check(plain, family)
  }
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/')
    const family = isIP(address)
    const bits = prefix === undefined ? (family === 6 ? 128 : 32) : Number(prefix)
    if (family === 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 6 ? 128 : 32)) {
      throw new NodeError('CC20802', { option: 'allowedRanges', reason: `'${range}' is no range` })
    }
    list.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}

/** The IPv4 address within `::ffff:a.b.c.d`, in either spelling, without a zone. */
function unmap(address: string): string {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  if (isIP(bare) !== 6) return bare
  const host = new URL(`http://[${bare}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host)
  if (!mapped) return host
  const high = Number.parseInt(mapped[1] ?? '', 16)
  const low = Number.parseInt(mapped[2] ?? '', 16)
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
