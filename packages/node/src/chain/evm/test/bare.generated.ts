// Made from contracts/test/Bare.sol by scripts/build-contracts.ts (solc 0.8.37+commit.f401782d.Emscripten.clang). Do not edit.
export const bareAbi = [
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": false,
        "internalType": "address",
        "name": "author",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "timestamp",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "string",
        "name": "action",
        "type": "string"
      },
      {
        "indexed": false,
        "internalType": "bytes32",
        "name": "uuids",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "bytes32",
        "name": "batchHash",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "string",
        "name": "payloadRef",
        "type": "string"
      },
      {
        "indexed": false,
        "internalType": "bytes32[]",
        "name": "contexts",
        "type": "bytes32[]"
      }
    ],
    "name": "BatchPin",
    "type": "event"
  },
  {
    "inputs": [
      {
        "internalType": "contract PinTarget",
        "name": "target",
        "type": "address"
      },
      {
        "internalType": "bytes",
        "name": "data",
        "type": "bytes"
      }
    ],
    "name": "forward",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "networkVersion",
    "outputs": [
      {
        "internalType": "uint8",
        "name": "",
        "type": "uint8"
      }
    ],
    "stateMutability": "pure",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "uuids",
        "type": "bytes32"
      },
      {
        "internalType": "bytes32",
        "name": "batchHash",
        "type": "bytes32"
      },
      {
        "internalType": "string",
        "name": "payloadRef",
        "type": "string"
      },
      {
        "internalType": "bytes32[]",
        "name": "contexts",
        "type": "bytes32[]"
      }
    ],
    "name": "pinBatch",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  }
] as const

export const bareBytecode =
  '0x6080604052348015600f57600080fd5b506104008061001f6000396000f3fe608060405234801561001057600080fd5b50600436106100415760003560e01c806348ce1dcc146100465780636fadcf721461005b57806397eacfe61461006e575b600080fd5b6100596100543660046101a3565b610082565b005b61005961006936600461025f565b6100cf565b604080516002815290519081900360200190f35b7f805721bc246bccc732581be0c0aa2dd8f7ec93e97ba4b307be84428c98b0a12f32428888888888886040516100bf989796959493929190610316565b60405180910390a1505050505050565b6040517f5766032e00000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff841690635766032e9061012390859085906004016103e4565b600060405180830381600087803b15801561013d57600080fd5b505af1158015610151573d6000803e3d6000fd5b50505050505050565b60008083601f84011261016c57600080fd5b50813567ffffffffffffffff81111561018457600080fd5b60208301915083602082850101111561019c57600080fd5b9250929050565b600080600080600080608087890312156101bc57600080fd5b8635955060208701359450604087013567ffffffffffffffff8111156101e157600080fd5b6101ed89828a0161015a565b909550935050606087013567ffffffffffffffff81111561020d57600080fd5b8701601f8101891361021e57600080fd5b803567ffffffffffffffff81111561023557600080fd5b8960208260051b840101111561024a57600080fd5b60208201935080925050509295509295509295565b60008060006040848603121561027457600080fd5b833573ffffffffffffffffffffffffffffffffffffffff8116811461029857600080fd5b9250602084013567ffffffffffffffff8111156102b457600080fd5b6102c08682870161015a565b9497909650939450505050565b8183528181602085013750600060208284010152600060207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f840116840101905092915050565b73ffffffffffffffffffffffffffffffffffffffff8916815287602082015260e06040820152601160e08201527f66697265666c793a62617463685f70696e00000000000000000000000000000061010082015286606082015285608082015261012060a0820152600061038f610120830186886102cd565b82810360c08401528381527f07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff8411156103c757600080fd5b8360051b80866020840137016020019a9950505050505050505050565b6020815260006103f86020830184866102cd565b94935050505056' as const
