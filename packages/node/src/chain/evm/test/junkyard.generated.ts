// Made from contracts/test/Junkyard.sol by scripts/build-contracts.ts (solc 0.8.37+commit.f401782d.Emscripten.clang). Do not edit.
export const junkyardAbi = [
  {
    "inputs": [],
    "stateMutability": "nonpayable",
    "type": "constructor"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "caller",
        "type": "address"
      }
    ],
    "name": "NotOwner",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "writer",
        "type": "address"
      }
    ],
    "name": "WriterNotAdmitted",
    "type": "error"
  },
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
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "owner",
        "type": "address"
      }
    ],
    "name": "OwnerChanged",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "writer",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "bool",
        "name": "admitted",
        "type": "bool"
      }
    ],
    "name": "WriterChanged",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": false,
        "internalType": "bool",
        "name": "restricted",
        "type": "bool"
      }
    ],
    "name": "WritersRestricted",
    "type": "event"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "writer",
        "type": "address"
      }
    ],
    "name": "admitWriter",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "topic",
        "type": "bytes32"
      },
      {
        "internalType": "bytes",
        "name": "data",
        "type": "bytes"
      }
    ],
    "name": "emitRaw",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "writer",
        "type": "address"
      }
    ],
    "name": "expelWriter",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "string",
        "name": "action",
        "type": "string"
      },
      {
        "internalType": "string",
        "name": "payload",
        "type": "string"
      }
    ],
    "name": "networkAction",
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
    "inputs": [],
    "name": "owner",
    "outputs": [
      {
        "internalType": "address",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
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
  },
  {
    "inputs": [
      {
        "internalType": "bytes",
        "name": "data",
        "type": "bytes"
      }
    ],
    "name": "pinBatchData",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "profile",
    "outputs": [
      {
        "internalType": "uint8",
        "name": "version",
        "type": "uint8"
      },
      {
        "internalType": "uint64",
        "name": "confirmations",
        "type": "uint64"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "bool",
        "name": "on",
        "type": "bool"
      }
    ],
    "name": "restrictWriters",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "restricted",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "newOwner",
        "type": "address"
      }
    ],
    "name": "transferOwnership",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "",
        "type": "address"
      }
    ],
    "name": "writers",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  }
] as const

export const junkyardBytecode =
  '0x60a060405234801561001057600080fd5b50604080516000808252602082019092526001600160401b038216608052600080546001600160a01b03191633908117825560405190917fa2ea9883a321a3e97b8266c2b078bfeec6d50c711ed71f874a90d500ae2eaf3691a260005b815181101561013357600180600084848151811061008d5761008d61018a565b60200260200101516001600160a01b03166001600160a01b0316815260200190815260200160002060006101000a81548160ff0219169083151502179055508181815181106100de576100de61018a565b60200260200101516001600160a01b03167f4759a00269085626e6e1450d837be4ca396feb3a3bd6ecdd95089b76c2acddc16001604051610123911515815260200190565b60405180910390a260010161006d565b50805115610183576000805460ff60a01b1916600160a01b179055604051600181527f7891526842f734b4b203eb87ef0d21765f826b6efd980c44810981847e38151c9060200160405180910390a15b50506101a0565b634e487b7160e01b600052603260045260246000fd5b60805161100c6101bb60003960006101f6015261100c6000f3fe608060405234801561001057600080fd5b50600436106100df5760003560e01c80638e7e80a21161008c578063d1ca894011610066578063d1ca894014610221578063f23807fb14610234578063f2fde38b14610247578063fb9066c11461025a57600080fd5b80638e7e80a2146101b157806397eacfe6146101d4578063ab60636c146101e357600080fd5b80637072c6b1116100bd5780637072c6b11461011f5780638da5cb5b146101595780638e391e1d1461019e57600080fd5b80633925e5eb146100e457806348ce1dcc146100f95780635766032e1461010c575b600080fd5b6100f76100f23660046108f5565b61026d565b005b6100f761010736600461097b565b61034a565b6100f761011a366004610a37565b610439565b6000546101449074010000000000000000000000000000000000000000900460ff1681565b60405190151581526020015b60405180910390f35b6000546101799073ffffffffffffffffffffffffffffffffffffffff1681565b60405173ffffffffffffffffffffffffffffffffffffffff9091168152602001610150565b6100f76101ac366004610a79565b61052c565b6101446101bf3660046108f5565b60016020526000908152604090205460ff1681565b60405160028152602001610150565b604080516001815267ffffffffffffffff7f000000000000000000000000000000000000000000000000000000000000000016602082015201610150565b6100f761022f3660046108f5565b610603565b6100f7610242366004610a9b565b6106d0565b6100f76102553660046108f5565b61071b565b6100f7610268366004610ae7565b6107db565b60005473ffffffffffffffffffffffffffffffffffffffff1633146102c5576040517f245aecd30000000000000000000000000000000000000000000000000000000081523360048201526024015b60405180910390fd5b73ffffffffffffffffffffffffffffffffffffffff811660008181526001602081815260409283902080547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00168317905591519081527f4759a00269085626e6e1450d837be4ca396feb3a3bd6ecdd95089b76c2acddc191015b60405180910390a250565b600054339074010000000000000000000000000000000000000000900460ff16801561039c575073ffffffffffffffffffffffffffffffffffffffff811660009081526001602052604090205460ff16155b156103eb576040517feba99b7800000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff821660048201526024016102bc565b7f805721bc246bccc732581be0c0aa2dd8f7ec93e97ba4b307be84428c98b0a12f3342898989898989604051610428989796959493929190610ba1565b60405180910390a150505050505050565b600054329074010000000000000000000000000000000000000000900460ff16801561048b575073ffffffffffffffffffffffffffffffffffffffff811660009081526001602052604090205460ff16155b156104da576040517feba99b7800000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff821660048201526024016102bc565b60008080806104eb86880188610d70565b93509350935093507f805721bc246bccc732581be0c0aa2dd8f7ec93e97ba4b307be84428c98b0a12f32428686868660405161042896959493929190610ea3565b60005473ffffffffffffffffffffffffffffffffffffffff16331461057f576040517f245aecd30000000000000000000000000000000000000000000000000000000081523360048201526024016102bc565b6000805482151574010000000000000000000000000000000000000000027fffffffffffffffffffffff00ffffffffffffffffffffffffffffffffffffffff9091161790556040517f7891526842f734b4b203eb87ef0d21765f826b6efd980c44810981847e38151c906105f890831515815260200190565b60405180910390a150565b60005473ffffffffffffffffffffffffffffffffffffffff163314610656576040517f245aecd30000000000000000000000000000000000000000000000000000000081523360048201526024016102bc565b73ffffffffffffffffffffffffffffffffffffffff8116600081815260016020908152604080832080547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00169055519182527f4759a00269085626e6e1450d837be4ca396feb3a3bd6ecdd95089b76c2acddc1910161033f565b600082828080601f016020809104026020016040519081016040528093929190818152602001838380828437600092019190915250508251929350869291505060208301a150505050565b60005473ffffffffffffffffffffffffffffffffffffffff16331461076e576040517f245aecd30000000000000000000000000000000000000000000000000000000081523360048201526024016102bc565b600080547fffffffffffffffffffffffff00000000000000000000000000000000000000001673ffffffffffffffffffffffffffffffffffffffff8316908117825560405190917fa2ea9883a321a3e97b8266c2b078bfeec6d50c711ed71f874a90d500ae2eaf3691a250565b600054339074010000000000000000000000000000000000000000900460ff16801561082d575073ffffffffffffffffffffffffffffffffffffffff811660009081526001602052604090205460ff16155b1561087c576040517feba99b7800000000000000000000000000000000000000000000000000000000815273ffffffffffffffffffffffffffffffffffffffff821660048201526024016102bc565b7f805721bc246bccc732581be0c0aa2dd8f7ec93e97ba4b307be84428c98b0a12f334287876000808989826040519080825280602002602001820160405280156108d0578160200160208202803683370190505b506040516108e699989796959493929190610f93565b60405180910390a15050505050565b60006020828403121561090757600080fd5b813573ffffffffffffffffffffffffffffffffffffffff8116811461092b57600080fd5b9392505050565b60008083601f84011261094457600080fd5b50813567ffffffffffffffff81111561095c57600080fd5b60208301915083602082850101111561097457600080fd5b9250929050565b6000806000806000806080878903121561099457600080fd5b8635955060208701359450604087013567ffffffffffffffff8111156109b957600080fd5b6109c589828a01610932565b909550935050606087013567ffffffffffffffff8111156109e557600080fd5b8701601f810189136109f657600080fd5b803567ffffffffffffffff811115610a0d57600080fd5b8960208260051b8401011115610a2257600080fd5b60208201935080925050509295509295509295565b60008060208385031215610a4a57600080fd5b823567ffffffffffffffff811115610a6157600080fd5b610a6d85828601610932565b90969095509350505050565b600060208284031215610a8b57600080fd5b8135801515811461092b57600080fd5b600080600060408486031215610ab057600080fd5b83359250602084013567ffffffffffffffff811115610ace57600080fd5b610ada86828701610932565b9497909650939450505050565b60008060008060408587031215610afd57600080fd5b843567ffffffffffffffff811115610b1457600080fd5b610b2087828801610932565b909550935050602085013567ffffffffffffffff811115610b4057600080fd5b610b4c87828801610932565b95989497509550505050565b8183528181602085013750600060208284010152600060207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f840116840101905092915050565b73ffffffffffffffffffffffffffffffffffffffff8916815287602082015260e06040820152601160e08201527f66697265666c793a62617463685f70696e00000000000000000000000000000061010082015286606082015285608082015261012060a08201526000610c1a61012083018688610b58565b82810360c08401528381527f07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff841115610c5257600080fd5b8360051b80866020840137016020019a9950505050505050505050565b7f4e487b7100000000000000000000000000000000000000000000000000000000600052604160045260246000fd5b604051601f82017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe016810167ffffffffffffffff81118282101715610ce557610ce5610c6f565b604052919050565b600082601f830112610cfe57600080fd5b813567ffffffffffffffff811115610d1857610d18610c6f565b8060051b610d2860208201610c9e565b91825260208185018101929081019086841115610d4457600080fd5b6020860192505b83831015610d66578235825260209283019290910190610d4b565b9695505050505050565b60008060008060808587031215610d8657600080fd5b8435935060208501359250604085013567ffffffffffffffff811115610dab57600080fd5b8501601f81018713610dbc57600080fd5b803567ffffffffffffffff811115610dd657610dd6610c6f565b610e0760207fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f84011601610c9e565b818152886020838501011115610e1c57600080fd5b81602084016020830137600060208383010152809450505050606085013567ffffffffffffffff811115610e4f57600080fd5b610e5b87828801610ced565b91505092959194509250565b600081518084526020840193506020830160005b82811015610e99578151865260209586019590910190600101610e7b565b5093949350505050565b73ffffffffffffffffffffffffffffffffffffffff8716815285602082015260e06040820152601b60e08201527f66697265666c793a636f6e74726163745f696e766f6b655f70696e000000000061010082015284606082015283608082015261012060a0820152600083518061012084015260005b81811015610f37576020818701810151610140868401015201610f19565b50600061014082850101527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f820116830190506101408382030160c0840152610f86610140820185610e67565b9998505050505050505050565b73ffffffffffffffffffffffffffffffffffffffff8a16815288602082015260e060408201526000610fc960e08301898b610b58565b87606084015286608084015282810360a0840152610fe8818688610b58565b905082810360c0840152610ffc8185610e67565b9c9b50505050505050505050505056' as const
