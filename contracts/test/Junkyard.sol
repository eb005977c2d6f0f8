// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Concordat} from "../Concordat.sol";

/// @notice For tests: a network's contract that also emits whatever log it is told to.
contract Junkyard is Concordat {
    constructor() Concordat(0, new address[](0)) {}

    function emitRaw(bytes32 topic, bytes calldata data) external {
        bytes memory copy = data;
        assembly {
            log1(add(copy, 32), mload(copy), topic)
        }
    }
}
