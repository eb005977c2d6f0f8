// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title The one order of a network's batches
/// @notice Holds no payload and no state per batch: each pin is an event, and the chain's order of events is the network's.
/// Method and event signatures are those of FireFly's second network version, so FireFly's tools can read it.
contract Concordat {
    event BatchPin(
        address author,
        uint256 timestamp,
        string action,
        bytes32 uuids,
        bytes32 batchHash,
        string payloadRef,
        bytes32[] contexts
    );
    event WriterChanged(address indexed writer, bool admitted);
    event WritersRestricted(bool restricted);
    event OwnerChanged(address indexed owner);

    /// The network keeps a list of writers, and this account is not on it.
    error WriterNotAdmitted(address writer);
    /// Only the owner may change the list of writers.
    error NotOwner(address caller);

    /// Blocks that must follow an event's block before any node acts on it; fixed for the network's life.
    uint64 private immutable agreedConfirmations;

    address public owner;
    /// Whether only admitted accounts may pin.
    bool public restricted;
    mapping(address => bool) public writers;

    /// @param confirmations the network's confirmation depth
    /// @param firstWriters accounts that may pin; if empty, anyone may
    constructor(uint64 confirmations, address[] memory firstWriters) {
        agreedConfirmations = confirmations;
        owner = msg.sender;
        emit OwnerChanged(msg.sender);
        for (uint256 i = 0; i < firstWriters.length; ++i) {
            writers[firstWriters[i]] = true;
            emit WriterChanged(firstWriters[i], true);
        }
        if (firstWriters.length > 0) {
            restricted = true;
            emit WritersRestricted(true);
        }
    }

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    modifier onlyWriter(address writer) {
        if (restricted && !writers[writer]) revert WriterNotAdmitted(writer);
        _;
    }

    /// @notice The version of the network's protocol.
    function networkVersion() external pure returns (uint8) {
        return 2;
    }

    /// @notice What every node of the network must agree on, and reads here instead of from its own configuration.
    /// @return version of this profile's layout
    /// @return confirmations the network's confirmation depth
    function profile() external view returns (uint8 version, uint64 confirmations) {
        return (1, agreedConfirmations);
    }

    /// @notice Pins a batch in the name of the caller.
    /// @param uuids transaction id, then batch id, 16 bytes each
    /// @param contexts per message and topic, the hash that orders it
    function pinBatch(
        bytes32 uuids,
        bytes32 batchHash,
        string calldata payloadRef,
        bytes32[] calldata contexts
    ) external onlyWriter(msg.sender) {
        emit BatchPin(msg.sender, block.timestamp, "firefly:batch_pin", uuids, batchHash, payloadRef, contexts);
    }

    /// @notice Pins a batch from inside another contract's method; the author is who signed the transaction.
    /// @param data abi.encode(uuids, batchHash, payloadRef, contexts)
    function pinBatchData(bytes calldata data) external onlyWriter(tx.origin) {
        (bytes32 uuids, bytes32 batchHash, string memory payloadRef, bytes32[] memory contexts) =
            abi.decode(data, (bytes32, bytes32, string, bytes32[]));
        emit BatchPin(
            tx.origin, block.timestamp, "firefly:contract_invoke_pin", uuids, batchHash, payloadRef, contexts
        );
    }

    /// @notice Says something to the whole network in the name of the caller, such as `firefly:terminate`.
    function networkAction(string calldata action, string calldata payload) external onlyWriter(msg.sender) {
        emit BatchPin(msg.sender, block.timestamp, action, 0, 0, payload, new bytes32[](0));
    }

    function admitWriter(address writer) external onlyOwner {
        writers[writer] = true;
        emit WriterChanged(writer, true);
    }

    function expelWriter(address writer) external onlyOwner {
        writers[writer] = false;
        emit WriterChanged(writer, false);
    }

    function restrictWriters(bool on) external onlyOwner {
        restricted = on;
        emit WritersRestricted(on);
    }

    function transferOwnership(address newOwner) external onlyOwner {
        owner = newOwner;
        emit OwnerChanged(newOwner);
    }
}
