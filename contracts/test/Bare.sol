// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

interface PinTarget {
    function pinBatchData(bytes calldata data) external;
}

/// @notice For tests: a pin contract without a profile, which also passes pins on to another.
contract Bare {
    event BatchPin(
        address author,
        uint256 timestamp,
        string action,
        bytes32 uuids,
        bytes32 batchHash,
        string payloadRef,
        bytes32[] contexts
    );

    function networkVersion() external pure returns (uint8) {
        return 2;
    }

    function pinBatch(
        bytes32 uuids,
        bytes32 batchHash,
        string calldata payloadRef,
        bytes32[] calldata contexts
    ) external {
        emit BatchPin(tx.origin, block.timestamp, "firefly:batch_pin", uuids, batchHash, payloadRef, contexts);
    }

    function forward(PinTarget target, bytes calldata data) external {
        target.pinBatchData(data);
    }
}
