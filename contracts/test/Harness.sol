// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

interface PinTarget {
    function pinBatchData(bytes calldata data) external;
}

/// @notice For tests: calls another contract from a contract, and emits whatever log it is told to.
contract Harness {
    function forward(PinTarget target, bytes calldata data) external {
        target.pinBatchData(data);
    }

    function emitRaw(bytes32 topic, bytes calldata data) external {
        bytes memory copy = data;
        assembly {
            log1(add(copy, 32), mload(copy), topic)
        }
    }
}
